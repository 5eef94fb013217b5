-- The log of consents. Every change of a client's consent or address is a row here, whatever
-- statement made it: `client_consents` writes them.

create table consent_event (
    id              bigint generated always as identity primary key,
    client_id       uuid not null references client on delete cascade,
    channel         text not null,
    given           boolean not null,
    -- Of the address or number that it was about; null: there was none.
    address_digest  bytea,
    source          text not null,
    -- What the person who gave or withdrew it was shown.
    words           text not null default '',
    actor_kind      text not null,
    actor_id        uuid,
    at              timestamptz not null default clock_timestamp(),
    constraint consent_event_channel check (channel in ('email', 'sms', 'voice')),
    constraint consent_event_source check (source in (
        'desk', 'portal', 'registration', 'form', 'import', 'stop_reply', 'start_reply', 'unsubscribe_link',
        'address_changed', 'merge', 'system')),
    constraint consent_event_actor check (actor_kind in ('staff', 'client', 'link', 'system')),
    constraint consent_event_about check (not given or channel = 'voice' or address_digest is not null)
);
create index consent_event_latest on consent_event (client_id, channel, id desc);

-- What was said stays said. Only whose record it is follows a merge.
create function consent_event_stays() returns trigger language plpgsql as $$
begin
    if to_jsonb(new) - 'client_id' is distinct from to_jsonb(old) - 'client_id' then
        raise exception 'a consent that was logged stays as it is'
            using errcode = 'restrict_violation', constraint = 'consent_event_append_only';
    end if;
    return new;
end $$;
create trigger consent_event_append_only before update on consent_event
    for each row execute function consent_event_stays();

-- The same for one mailbox or number, however it is written.
create function consent_digest(channel text, address text) returns bytea
    language sql immutable parallel safe
    return sha256(convert_to(case channel when 'email' then lower(trim(address))
                                          else regexp_replace(address, '\D', '', 'g') end, 'UTF8'));

-- A client's consents as they are: those that count, with the address they are for.
create function client_consents(c client) returns table (channel text, given boolean, digest bytea)
    language plpgsql stable parallel safe as $$
begin
    return query values ('email', c.email_consent and c.email is not null, consent_digest('email', c.email::text)),
                        ('sms', c.sms_consent and c.mobile is not null, consent_digest('sms', c.mobile)),
                        ('voice', c.voice_consent, consent_digest('voice', c.mobile));
end $$;

-- Who changes consents in this transaction, and through what: `kindred.consent`, as JSON.
-- Without it: the system.
create function consent_log(client uuid, channel text, given boolean, digest bytea, through text) returns void
    language plpgsql as $$
declare
    said jsonb := coalesce(nullif(current_setting('kindred.consent', true), ''), '{}')::jsonb;
    kind text := coalesce(said ->> 'actor_kind', 'system');
begin
    insert into consent_event (client_id, channel, given, address_digest, source, words, actor_kind, actor_id)
    values (client, channel, given, digest, coalesce(through, said ->> 'source', 'system'),
            coalesce(said -> 'words' ->> channel, ''), kind,
            -- A link that makes the record is the client's own.
            coalesce((said ->> 'actor_id')::uuid, case when kind = 'link' then client end));
end $$;

create function client_consent_changed() returns trigger language plpgsql as $$
declare
    one record;
begin
    -- The person who was erased has said nothing.
    if new.erased_at is not null then
        return null;
    end if;
    for one in
        select n.channel, n.given, n.digest, coalesce(o.given, false) as was_given, o.digest as was_digest,
               o.digest is distinct from n.digest as moved
          from client_consents(new) n
          left join lateral (select * from client_consents(old) where tg_op = 'UPDATE') o on o.channel = n.channel
    loop
        if one.was_given and (not one.given or one.moved) then
            perform consent_log(new.id, one.channel, false, one.was_digest,
                                case when one.moved then 'address_changed' end);
        end if;
        if one.given and (not one.was_given or one.moved) then
            perform consent_log(new.id, one.channel, true, one.digest, null);
        end if;
    end loop;
    return null;
end $$;
create trigger client_consent_made after insert on client
    for each row when (new.email_consent and new.email is not null or new.sms_consent or new.voice_consent)
    execute function client_consent_changed();
create trigger client_consent_changed after update on client
    for each row when ((old.email, old.email_consent, old.mobile, old.sms_consent, old.voice_consent)
                       is distinct from (new.email, new.email_consent, new.mobile, new.sms_consent, new.voice_consent))
    execute function client_consent_changed();

-- Where the newest event of the present address says something else than the record, as after
-- two logs were joined, the record's answer is logged again.
create function consent_settle(ids uuid[]) returns void language sql as $$
    select consent_log(c.id, n.channel, n.given, n.digest, null)
      from client c
     cross join client_consents(c) n
      left join lateral (
            select e.given from consent_event e
             where e.client_id = c.id and e.channel = n.channel and e.address_digest is not distinct from n.digest
             order by e.id desc limit 1) last on true
     where c.id = any (ids) and c.erased_at is null and coalesce(last.given, false) <> n.given
$$;
select consent_settle(array(select id from client where erased_at is null));
