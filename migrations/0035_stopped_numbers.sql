-- Numbers that asked for no more text messages: also for a client who gets the number later. The
-- digest of the number alone is kept.
create table sms_stopped (
    digest  bytea primary key,
    at      timestamptz not null default now()
);

-- A mobile number written with and without its country is one number.
create or replace function consent_digest(channel text, address text) returns bytea
    language sql immutable parallel safe
    return sha256(convert_to(case channel when 'email' then lower(trim(address))
                                          else coalesce(sms_number(address), regexp_replace(address, '\D', '', 'g')) end, 'UTF8'));

-- While an undone merge is put back, the log is put back with it: nothing is said anew.
create or replace function consent_log(client uuid, channel text, given boolean, digest bytea, through text) returns void
    language plpgsql as $$
declare
    said jsonb := coalesce(nullif(current_setting('kindred.consent', true), ''), '{}')::jsonb;
    kind text := coalesce(said ->> 'actor_kind', 'system');
begin
    if said ? 'quiet' then
        return;
    end if;
    insert into consent_event (client_id, channel, given, address_digest, source, words, actor_kind, actor_id)
    values (client, channel, given, digest, coalesce(through, said ->> 'source', 'system'),
            coalesce(said -> 'words' ->> channel, ''), kind,
            coalesce((said ->> 'actor_id')::uuid, case when kind = 'link' then client end));
end $$;
select consent_settle(array(select id from client where erased_at is null));

create or replace function appointment_texted(subject uuid) returns table (client_id uuid, linked boolean)
language sql stable as $$
    select c.id, may.linked
      from (select subject as id, false as linked
            union all
            select g.holder, true from client_grant g where g.subject = $1 and g.gets_copies) may
      join client c on c.id = may.id
     where sms_number(c.mobile) is not null and c.sms_consent and (not may.linked or c.status = 'active')
       and not exists (select from sms_stopped s where s.digest = consent_digest('sms', c.mobile))
$$;
