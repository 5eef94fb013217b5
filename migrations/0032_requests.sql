-- What the practice asks of clients, and the forms that they fill in.

-- A service that asks for a form by itself.
create table request_rule (
    id          uuid primary key,
    service_id  uuid not null references service on delete cascade,
    form_id     uuid not null references form on delete cascade,
    occasion    text not null,
    created_at  timestamptz not null default now(),
    constraint request_rule_occasion check (occasion in ('first', 'every', 'yearly')),
    constraint request_rule_once unique (service_id, form_id)
);
create index request_rule_form on request_rule (form_id);

create table request (
    id              uuid primary key,
    kind            text not null,
    subject_id      uuid not null references client on delete cascade,
    form_id         uuid references form,
    -- Of a document and of something else.
    title           text not null default '',
    body            text not null default '',
    due_on          date,
    -- How many reminders there may be, and how many went.
    reminders       smallint not null default 0,
    reminded        smallint not null default 0,
    reminded_at     timestamptz,
    state           text not null default 'open',
    -- Null: by a rule.
    requested_by    uuid references staff_member,
    rule_id         uuid references request_rule on delete set null,
    appointment_id  uuid references appointment on delete set null,
    -- A double submit carries the same; of a rule made from rule and appointment.
    request_key     uuid not null,
    created_at      timestamptz not null default now(),
    closed_at       timestamptz,
    -- Who did it, and as what.
    done_by_client  uuid references client,
    done_by_staff   uuid references staff_member,
    done_as         text,
    -- Of a document: the name under which it was accepted, and SHA-256 of what was accepted.
    accepted_name   text,
    accepted_hash   bytea,
    constraint request_kind check (kind in ('form', 'document', 'details', 'other')),
    constraint request_form check ((kind = 'form') = (form_id is not null)),
    constraint request_reminders check (reminders between 0 and 3 and reminded >= 0),
    constraint request_state check (state in ('open', 'done', 'withdrawn')),
    constraint request_closed check ((state = 'open') = (closed_at is null)),
    constraint request_done check (num_nonnulls(done_by_client, done_by_staff) = (state = 'done')::integer
        and (state = 'done') = (done_as is not null)),
    constraint request_done_as check (done_as in ('self', 'linked', 'desk')),
    constraint request_accepted check ((accepted_name is null) = (accepted_hash is null)),
    constraint request_once unique (request_key, subject_id)
);
create unique index request_form_open on request (form_id, subject_id) where state = 'open' and kind = 'form';
create index request_subject on request (subject_id, created_at desc);
create index request_open on request (due_on, created_at) where state = 'open';
create index request_rule_of on request (rule_id, subject_id) where rule_id is not null;
create index request_done_by on request (done_by_client) where done_by_client is not null;
create index request_appointment on request (appointment_id) where appointment_id is not null;
-- What was done stays as it was asked.
create function request_sealed() returns trigger language plpgsql as $$
begin
    if old.state = 'done' and ((new.kind, new.form_id, new.title, new.body, new.state, new.done_as, new.closed_at, new.accepted_hash)
            is distinct from (old.kind, old.form_id, old.title, old.body, old.state, old.done_as, old.closed_at, old.accepted_hash)
        or new.accepted_name is distinct from old.accepted_name
            and coalesce(current_setting('kindred.erasing', true), '') <> 'on') then
        raise exception 'a request that is done stays as it is'
            using errcode = 'restrict_violation', constraint = 'request_done_sealed';
    end if;
    return new;
end $$;
create trigger request_sealed before update on request for each row execute function request_sealed();
-- The number of a mail about a request.
create sequence request_mail_number as integer;

create table form_response (
    id                uuid primary key,
    request_id        uuid references request on delete cascade,
    form_version_id   uuid not null references form_version,
    subject_id        uuid not null references client,
    state             text not null default 'draft',
    -- Of a draft what was typed, `shared::forms::Filled`; afterwards `shared::forms::Answers`.
    answers           jsonb not null default '{}',
    author_client_id  uuid references client,
    author_staff_id   uuid references staff_member,
    acted_as          text not null,
    amends_id         uuid references form_response,
    started_at        timestamptz not null default now(),
    saved_at          timestamptz not null default now(),
    submitted_at      timestamptz,
    -- SHA-256 over the version and the answers.
    content_hash      bytea,
    constraint form_response_state check (state in ('draft', 'submitted', 'amended', 'entered_in_error')),
    constraint form_response_author check (num_nonnulls(author_client_id, author_staff_id) = 1),
    constraint form_response_acted check (acted_as in ('self', 'linked', 'desk')),
    constraint form_response_sealed check ((state = 'draft') = (content_hash is null) and (state = 'draft') = (submitted_at is null))
);
create unique index form_response_one_draft on form_response (request_id, author_client_id) where state = 'draft';
create unique index form_response_amended_once on form_response (amends_id) where amends_id is not null;
create index form_response_subject on form_response (subject_id, submitted_at desc);
create index form_response_author_client on form_response (author_client_id) where author_client_id is not null;
create index form_response_request on form_response (request_id) where request_id is not null;
create index form_response_drafts on form_response (saved_at) where state = 'draft';

create function form_response_sealed() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' then
        if old.state <> 'draft' and coalesce(current_setting('kindred.erasing', true), '') <> 'on' then
            raise exception 'a submitted response stays'
                using errcode = 'restrict_violation', constraint = 'form_response_submitted';
        end if;
        return old;
    end if;
    if old.state = 'entered_in_error' and new.state <> old.state then
        raise exception 'what was entered in error stays so'
            using errcode = 'restrict_violation', constraint = 'form_response_submitted';
    end if;
    if old.state <> 'draft' and (new.answers, new.content_hash, new.form_version_id, new.submitted_at, new.amends_id, new.state = 'draft')
        is distinct from (old.answers, old.content_hash, old.form_version_id, old.submitted_at, old.amends_id, false) then
        raise exception 'a submitted response stays as it is'
            using errcode = 'restrict_violation', constraint = 'form_response_submitted';
    end if;
    return new;
end $$;
create trigger form_response_sealed before update or delete on form_response for each row execute function form_response_sealed();

create table form_signature (
    id                uuid primary key,
    response_id       uuid not null references form_response on delete cascade,
    -- The item of the form.
    item              text not null,
    signer_client_id  uuid references client,
    signer_staff_id   uuid references staff_member,
    -- As it was typed.
    signer_name       text not null,
    capacity          text not null,
    -- Word by word.
    statement         text not null,
    -- SHA-256 of the name as it was typed: what is left of it when the signer is erased.
    name_digest       bytea not null,
    -- SHA-256 over the version, the answers, the statement, the digest of the name and the capacity.
    signed_hash       bytea not null,
    -- How the signer was logged in.
    logged_in_by      text[] not null,
    agent             text not null default '',
    signed_at         timestamptz not null default clock_timestamp(),
    constraint form_signature_item_key unique (response_id, item),
    constraint form_signature_signer check (num_nonnulls(signer_client_id, signer_staff_id) = 1),
    constraint form_signature_capacity
        check (capacity in ('self', 'parent', 'guardian', 'partner', 'other', 'practitioner', 'witness')),
    constraint form_signature_hash check (octet_length(signed_hash) = 32)
);
create index form_signature_signer_client on form_signature (signer_client_id) where signer_client_id is not null;

-- What was signed stays; erasing the signer takes the name and leaves its digest.
create function form_signature_sealed() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' then
        if coalesce(current_setting('kindred.erasing', true), '') <> 'on' then
            raise exception 'a signature stays' using errcode = 'restrict_violation', constraint = 'form_signature_signed';
        end if;
        return old;
    end if;
    if (new.response_id, new.item, new.capacity, new.statement, new.name_digest, new.signed_hash, new.logged_in_by, new.signed_at)
        is distinct from (old.response_id, old.item, old.capacity, old.statement, old.name_digest, old.signed_hash, old.logged_in_by, old.signed_at)
       or (new.signer_name, new.agent) is distinct from (old.signer_name, old.agent)
           and coalesce(current_setting('kindred.erasing', true), '') <> 'on' then
        raise exception 'a signature stays as it is'
            using errcode = 'restrict_violation', constraint = 'form_signature_signed';
    end if;
    return new;
end $$;
create trigger form_signature_sealed before update or delete on form_signature for each row execute function form_signature_sealed();

-- Who gets mail about a request while it is open: asked when the mail is sent, and by lists that say
-- that no one does. The person, and active linked clients with *forms*, but of the person's own
-- details. All with an email address and consent.
create function request_recipient(request uuid) returns table (client_id uuid, linked boolean)
language sql stable as $$
    select c.id, may.linked
      from request r
      join client s on s.id = r.subject_id and s.status = 'active'
     cross join lateral (select r.subject_id as id, false as linked
                         union all
                         select g.holder, true from client_grant g
                          where g.subject = r.subject_id and g.may_forms and r.kind <> 'details') may
      join client c on c.id = may.id and c.status = 'active'
     where r.id = $1 and r.state = 'open' and portal_may(r.subject_id, 'see_forms') and c.email is not null and c.email_consent
$$;

-- Mail of requests, beside the kinds that there are.
do $$
declare known text;
begin
    select pg_get_constraintdef(oid) into known from pg_constraint
     where conrelid = 'message'::regclass and conname = 'message_kind';
    alter table message drop constraint message_kind;
    execute 'alter table message add constraint message_kind check (kind in (''form_request'', ''request_reminder'') or '
        || substr(known, 7) || ')';
end $$;
