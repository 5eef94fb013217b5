-- B8: somebody registers by name and address; the record and the log-in are
-- made when they follow the link in the mail, within 72 hours. Until then
-- nothing but this row exists, and it says nothing about who is a client: an
-- address is not an identity.
create table registration (
    id           uuid primary key,
    secret_hash  bytea not null,
    first_name   text not null,
    last_name    text not null,
    email        citext not null,
    created_at   timestamptz not null default now(),
    expires_at   timestamptz not null,
    constraint registration_secret_key unique (secret_hash)
);
create index registration_expires on registration (expires_at);

alter table message
    add column registration_id uuid references registration on delete cascade,
    drop constraint message_kind,
    add constraint message_kind check (kind in ('confirmation', 'cancellation', 'welcome', 'reset', 'registration')),
    drop constraint message_once,
    add constraint message_once unique nulls not distinct
        (kind, appointment_id, client_id, account_id, subject_version, link_id, registration_id);
