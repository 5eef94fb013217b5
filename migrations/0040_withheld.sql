-- Why someone gets no mail and no text message: said by the functions that decide who does.

-- Everyone who is to hear of a client's appointments, each with why mail, and why a text message,
-- does not go to them; null where it does. The client, whatever their status, because the cancelled
-- appointments of an inactive client still concern them; and linked clients who get copies.
create function appointment_reader(subject uuid) returns table (client_id uuid, linked boolean, no_email text, no_text text)
language sql stable as $$
    select c.id, may.linked,
           case when may.linked and c.status <> 'active' then 'inactive'
                when not may_be_written_to(c.id) then 'no_writing'
                when c.email is null then 'no_address'
                when not c.email_consent then 'no_consent' end,
           case when may.linked and c.status <> 'active' then 'inactive'
                when not may_be_written_to(c.id) then 'no_writing'
                when sms_number(c.mobile) is null then 'no_number'
                when not c.sms_consent then 'texts_off'
                when exists (select from sms_stopped s where s.digest = consent_digest('sms', c.mobile)) then 'stopped' end
      from (select subject as id, false as linked
            union all
            select g.holder, true from client_grant g where g.subject = $1 and g.gets_copies) may
      join client c on c.id = may.id
$$;

create or replace function appointment_recipient(subject uuid) returns table (client_id uuid, linked boolean)
language sql stable as $$
    select r.client_id, r.linked from appointment_reader($1) r where r.no_email is null
$$;

create or replace function appointment_texted(subject uuid) returns table (client_id uuid, linked boolean)
language sql stable as $$
    select r.client_id, r.linked from appointment_reader($1) r where r.no_text is null
$$;

-- The same of a request, while it is open: the person, and linked clients with *forms*, but of the
-- person's own details. While the practice has client login switched off no one could open it.
create function request_reader(request uuid) returns table (client_id uuid, linked boolean, no_email text)
language sql stable as $$
    select c.id, may.linked,
           case when s.status <> 'active' or c.status <> 'active' then 'inactive'
                when not portal_may(r.subject_id, 'see_forms') then 'not_permitted'
                when not (select client_login from practice) then 'no_login'
                when not may_be_written_to(c.id) then 'no_writing'
                when c.email is null then 'no_address'
                when not c.email_consent then 'no_consent' end
      from request r
      join client s on s.id = r.subject_id
     cross join lateral (select r.subject_id as id, false as linked
                         union all
                         select g.holder, true from client_grant g
                          where g.subject = r.subject_id and g.may_forms and r.kind <> 'details') may
      join client c on c.id = may.id
     where r.id = $1 and r.state = 'open'
$$;

create or replace function request_recipient(request uuid) returns table (client_id uuid, linked boolean)
language sql stable as $$
    select r.client_id, r.linked from request_reader($1) r where r.no_email is null
$$;

-- Why mail about someone's link to `other` does not go to them: not into a mailbox that a third person
-- linked to them reads, such as the other parent's.
create function link_is_withheld_from(who uuid, other uuid) returns text language sql stable as $$
    select case when not may_be_written_to(c.id) then 'no_writing'
                when c.email is null then 'no_address'
                when not c.email_consent then 'no_consent'
                when exists (select from client_link l
                               join client t on t.id in (l.client_low, l.client_high) and t.id not in ($1, $2)
                              where $1 in (l.client_low, l.client_high) and t.email = c.email) then 'shared_mailbox' end
      from client c where c.id = $1
$$;

create or replace function link_is_told_to(who uuid, other uuid) returns boolean language sql stable as $$
    select c.erased_at is null and link_is_withheld_from($1, $2) is null from client c where c.id = $1
$$;

alter table message
    -- Those who were to hear of it and got no copy: their id, why no mail and why no text message.
    add column withheld jsonb not null default '[]';
create index message_withheld on message (finished_at desc) where withheld <> '[]';

alter table message_copy
    -- Of one that was withdrawn: why.
    add column withheld text;

-- The number that someone agreed to be called at: null once the mobile number is gone that it was given for.
create function voice_number(c client) returns text language sql stable as $$
    select case when not c.voice_consent then null
                when c.mobile is not null then c.mobile
                when exists (select from consent_event e
                              where e.client_id = c.id and e.channel = 'voice' and e.address_digest is not null) then null
                else (select p.number from client_phone p where p.client_id = c.id order by p.position limit 1) end
$$;

-- Of two who are called about one appointment each is reached or not.
alter table appointment_call add column callee_id uuid references client on delete cascade;
update appointment_call k set callee_id = v.client_id from appointment_participant v where v.id = k.participant_id;
alter table appointment_call
    alter column callee_id set not null,
    drop constraint appointment_call_pkey,
    add primary key (participant_id, starts_at, callee_id);
create index appointment_call_callee on appointment_call (callee_id);
