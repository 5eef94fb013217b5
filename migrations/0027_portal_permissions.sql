-- What clients may see and do in the portal: the practice's answer for each permission, and
-- exceptions for single clients. The rows are the closed list of permissions.

create table portal_permission (
    permission  text primary key,
    -- never: for no one, whatever exceptions say; off, on: unless a client's exception differs.
    setting     text not null,
    constraint portal_permission_setting check (setting in ('never', 'off', 'on'))
);
insert into portal_permission (permission, setting) values
    ('see_appointments', 'on'), ('book', 'on'), ('move', 'on'), ('cancel', 'on'), ('see_history', 'on'),
    ('edit_details', 'on'), ('edit_availability', 'on'), ('see_practitioners', 'on'), ('see_forms', 'on'),
    ('complete_forms', 'on'), ('see_documents', 'on'), ('invite_links', 'off');

create table client_portal_permission (
    client_id   uuid not null references client on delete cascade,
    permission  text not null references portal_permission,
    allowed     boolean not null,
    set_by      uuid not null references staff_member,
    set_at      timestamptz not null default now(),
    primary key (client_id, permission)
);

-- Whether the client's own record is open to this, for themselves and for everyone who acts for them.
-- A permission that is not in the list is denied.
create function portal_may(who uuid, what text) returns boolean language sql stable parallel safe as $$
    select coalesce((select case p.setting
                                when 'never' then false
                                else coalesce((select e.allowed from client_portal_permission e
                                                where e.client_id = who and e.permission = what), p.setting = 'on')
                            end
                       from portal_permission p where p.permission = what), false)
$$;
