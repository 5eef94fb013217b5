-- The team in the browser, the first start, and how the practice is reached.

-- The role Staff is called Front desk: "staff" reads as everyone who works here.
alter table staff_member drop constraint staff_member_roles;
update staff_member set roles = array_replace(roles, 'staff', 'front_desk');
alter table staff_member add constraint staff_member_roles check (
    cardinality(roles) > 0 and roles <@ array['administrator', 'front_desk', 'practitioner']
);

-- How clients reach the practice. Empty: not given.
alter table practice
    add column phone text not null default '',
    add column email text not null default '',
    add column website text not null default '',
    add column address text not null default '',
    -- Sections of a client's record that forms leave out. What is stored stays and is shown.
    add column sections_off text[] not null default '{}',
    -- Its people and its diary are the demo's.
    add column demo boolean not null default false,
    -- The first-run page was answered or passed over.
    add column first_run_done boolean not null default false,
    -- The checklist was dismissed.
    add column checklist_off boolean not null default false,
    add constraint practice_sections check (sections_off <@ array['coverage']);

-- A practice of before has no first run any more.
update practice
   set demo = exists (select from account where username = 'admin@demo.test'),
       first_run_done = exists (select from client) or exists (select from service),
       checklist_off = exists (select from appointment);

-- The link with which the first administrator is made. A newer one replaces
-- the older; none works once there is an administrator.
create table setup_link (
    only_row     boolean primary key default true,
    secret_hash  bytea not null,
    created_at   timestamptz not null default now(),
    constraint setup_link_one_row check (only_row)
);

-- A claim link is for a client or a staff member.
alter table account_link
    add column staff_id uuid references staff_member on delete cascade,
    drop constraint account_link_subject,
    add constraint account_link_subject check (
        case kind when 'claim' then num_nonnulls(client_id, staff_id) = 1 else account_id is not null end
    );
create index account_link_staff on account_link (staff_id);

-- An invitation to the team. The kinds that are there stay, whichever they are.
alter table message add column staff_id uuid references staff_member on delete cascade;
do $$
declare
    kinds text[];
begin
    select array(select (regexp_matches(pg_get_constraintdef(oid), '''([a-z_]+)''', 'g'))[1]) into kinds
      from pg_constraint where conname = 'message_kind' and conrelid = 'message'::regclass;
    alter table message drop constraint message_kind;
    execute format('alter table message add constraint message_kind check (kind = any (%L::text[]))',
                   kinds || '{invitation}');
end
$$;

-- What people choose for themselves.
alter table account
    add column theme text not null default 'system',
    -- Off: shortcuts of a single key do nothing (WCAG 2.1.4).
    add column single_keys boolean not null default true,
    add constraint account_theme check (theme in ('system', 'light', 'dark'));
