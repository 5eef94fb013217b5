-- Links in mail with which a form is filled in without a login, where the practice wants that.

alter table practice add column form_links boolean not null default false;

create table form_link (
    id           uuid primary key,
    request_id   uuid not null references request on delete cascade,
    -- Whom it was mailed to: it acts as them, with what they may do when it is used.
    client_id    uuid not null references client on delete cascade,
    -- With another one it opens nothing any more.
    address      citext not null,
    -- SHA-256 of the secret in the address of the page.
    secret_hash  bytea not null,
    -- SHA-256 of what the browser keeps that gave the date of birth.
    pass_hash    bytea,
    failures     smallint not null default 0,
    created_at   timestamptz not null default now(),
    expires_at   timestamptz not null default now() + interval '14 days',
    constraint form_link_secret_key unique (secret_hash)
);
create index form_link_request on form_link (request_id);
create index form_link_client on form_link (client_id);

-- A draft that was typed with a link is the link's, and no one's who is logged in.
alter table form_response
    add column link_id uuid references form_link on delete cascade,
    add constraint form_response_link check (link_id is null or state = 'draft');
drop index form_response_one_draft;
create unique index form_response_one_draft on form_response (request_id, author_client_id, link_id) nulls not distinct
    where state = 'draft';
create index form_response_link on form_response (link_id) where link_id is not null;
