-- What clients see and edit of their own record in the portal. The rows are the closed list.
create table portal_detail (
    detail   text primary key,
    setting  text not null,
    constraint portal_detail_setting check (setting in ('hidden', 'shown', 'editable'))
);
insert into portal_detail (detail, setting) values
    ('name', 'shown'), ('preferred_name', 'editable'), ('email', 'editable'), ('mobile', 'editable'),
    ('phones', 'editable'), ('address', 'editable'), ('language', 'editable'), ('zone', 'editable');

-- Whether the client may edit this: the practice lets it be edited, and them edit their details.
create function portal_edits(who uuid, what text) returns boolean language sql stable parallel safe as $$
    select portal_may(who, 'edit_details')
       and coalesce((select setting = 'editable' from portal_detail where detail = what), false)
$$;

-- A client's change of their own address can be undone from the old one for a week: whoever made
-- it knew the password, so that undoing it asks for another.
create table address_undo (
    id           uuid primary key,
    account_id   uuid not null references account on delete cascade,
    secret_hash  bytea not null,
    old_email    citext not null,
    changed_at   timestamptz not null default now(),
    expires_at   timestamptz not null default now() + interval '7 days',
    used_at      timestamptz,
    constraint address_undo_secret_key unique (secret_hash)
);
create index address_undo_account on address_undo (account_id);

-- What clients see of the practitioners who work with them, besides the name.
create table staff_public (
    staff_id         uuid primary key references staff_member on delete cascade,
    -- Such as `Psychologist`.
    title            text not null default '',
    phone            text not null default '',
    languages        text not null default '',
    shows_phone      boolean not null default false,
    shows_email      boolean not null default false,
    shows_languages  boolean not null default false,
    version          integer not null default 1
);
