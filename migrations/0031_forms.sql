-- Forms that clients fill in, and their versions.

create table form (
    id          uuid primary key,
    name        text not null,
    active      boolean not null default true,
    created_at  timestamptz not null default now()
);
create unique index form_name_key on form (lower(name));

-- The newest may be a draft; what is published stays as it is.
create table form_version (
    id            uuid primary key,
    form_id       uuid not null references form on delete cascade,
    number        integer not null,
    -- `shared::forms::Definition`.
    definition    jsonb not null,
    -- Of a draft: as it was before its last change, for undo.
    previous      jsonb,
    -- SHA-256 of the definition as it was published.
    content_hash  bytea,
    published_at  timestamptz,
    published_by  uuid references staff_member,
    -- Of a draft: counts its changes.
    version       integer not null default 1,
    constraint form_version_number_key unique (form_id, number),
    constraint form_version_hash check ((published_at is null) = (content_hash is null)),
    constraint form_version_previous check (published_at is null or previous is null)
);
create unique index form_version_one_draft on form_version (form_id) where published_at is null;
create index form_version_published_by on form_version (published_by) where published_by is not null;

create function form_version_sealed() returns trigger language plpgsql as $$
begin
    if old.published_at is not null then
        raise exception 'a published version stays as it is'
            using errcode = 'restrict_violation', constraint = 'form_version_published';
    end if;
    return case tg_op when 'DELETE' then old else new end;
end $$;
create trigger form_version_sealed before update or delete on form_version
    for each row execute function form_version_sealed();
