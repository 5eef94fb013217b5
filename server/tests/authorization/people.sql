-- Mia, a child, and everybody whose business she is or is not. Run before
-- every cell that finds something changed. Words in braces are filled in by
-- `world.rs`. Ids end in the number that the words stand for.

delete from registration;
delete from message_copy;
delete from message;
delete from account_link;
delete from session;
delete from account;
delete from activity;
delete from activity_draft;
delete from appointment;
delete from activity_removal;
delete from client_link_event;
delete from client_link;
delete from client_practitioner;
delete from client;
delete from import;
delete from import_memory;
delete from bulk_change;
delete from client_view;
delete from tag;
delete from weekly_hours;
delete from service_practitioner;
delete from service;
delete from location;
delete from staff_member;
delete from setup_link;
select setval(pg_get_serial_sequence('client', 'number'), 5000);

update practice set name = 'Elm', zone = 'America/Toronto', client_login = true, client_registration = true, version = 1,
    first_run_done = false, checklist_off = false, sections_off = '{}',
    phone = '', email = '', website = '', address = '',
    welcome_subject = 'Welcome', welcome_body = 'Your link: {link}';
insert into location (id, name, zone) values ('00000000-0000-7000-8000-000000000001', 'Elm Street', 'America/Toronto');

insert into staff_member (id, first_name, last_name, email, roles, may_book) values
    ('{unassigned_id}', 'Nadia', 'Nowhere',  'unassigned@elm.test', '{practitioner}',  true),
    ('{assigned_id}',   'Asta',  'Assigned', 'assigned@elm.test',   '{practitioner}',  true),
    ('{watcher_id}',    'Wim',   'Watcher',  'watcher@elm.test',    '{practitioner}',  false),
    ('{staff_id}',      'Stef',  'Staff',    'staff@elm.test',      '{front_desk}',    false),
    ('{admin_id}',      'Ada',   'Admin',    'admin@elm.test',      '{administrator}', false),
    ('{invited_id}',    'Ines',  'Invited',  'invited@elm.test',    '{front_desk}',    false);

insert into service (id, name, duration_minutes, price_cents, in_portal) values
    ('{talk}', 'Talk',        50, 9000, true),
    ('{desk}', 'Desk canary', 20, 0,    false);
insert into service_practitioner select s.id, m.id from service s, staff_member m where 'practitioner' = any(m.roles);
insert into weekly_hours (id, practitioner_id, location_id, weekday, starts, ends)
    select gen_random_uuid(), m.id, l.id, day, '08:00', '20:00'
      from staff_member m, location l, generate_series(1, 7) day where 'practitioner' = any(m.roles);

insert into client (number, id, kind, code, first_name, last_name, zone, email, mobile, notes)
overriding system value values
    ({mia},      '{mia_id}',      'individual', 'MIA1', 'Mia',   'Okafor',   'America/Toronto', '{mia_mail}',         '416 555 1001', '{canary}'),
    ({unlinked}, '{unlinked_id}', 'individual', 'UNA1', 'Una',   'Unlinked', 'America/Toronto', 'unlinked@kin.test',  '416 555 1002', ''),
    ({linked},   '{linked_id}',   'individual', 'LEN1', 'Lena',  'Linked',   'America/Toronto', 'linked@kin.test',    '416 555 1003', ''),
    ({granted},   '{granted_id}',   'individual', 'GRE1', 'Greta', 'Quillfeather',  'America/Toronto', 'granted@kin.test',   '416 555 1004', ''),
    ({former},   '{former_id}',   'individual', 'FRE1', 'Fred',  'Former',   'America/Toronto', 'former@kin.test',    '416 555 1005', ''),
    ({other},    '{other_id}',    'individual', 'DAN1', 'Danil', 'Zuckermandel','America/Toronto', 'danil@kin.test',     '416 555 1006', ''),
    ({new},      '{new_id}',      'individual', 'NEW1', 'Noor',  'Newcomer', 'America/Toronto', 'noor@kin.test',      '416 555 1007', ''),
    ({prospect}, '{prospect_id}', 'individual', 'PIP1', 'Pippa', 'Prospect', 'America/Toronto', 'pippa@kin.test',     '416 555 1008', '');
update client set status = 'prospect' where id = '{prospect_id}';
insert into client_practitioner (client_id, practitioner_id) values
    ('{mia_id}', '{assigned_id}'), ('{mia_id}', '{watcher_id}'), ('{prospect_id}', '{assigned_id}');

-- Mia's family, with one of her parents; and a group that she has left.
insert into client (number, id, kind, code, group_name, zone) overriding system value values
    ({family}, '{family_id}', 'family', 'KIN1', 'Kin of Elm', 'America/Toronto'),
    ({circle}, '{circle_id}', 'group',  'CIRCLE2026', '', 'America/Toronto');
insert into client_practitioner (client_id, practitioner_id) values
    ('{family_id}', '{assigned_id}'), ('{circle_id}', '{assigned_id}');
insert into client_membership (id, group_id, member_id, joined_on, left_on) values
    ('{belongs}',  '{family_id}', '{mia_id}', '2026-01-05', null),
    ('{belonged}', '{circle_id}', '{mia_id}', '2026-01-05', '2026-02-02'),
    (gen_random_uuid(), '{family_id}', '{granted_id}', '2026-01-05', null);

-- Granted and other may act for Mia, former may for a moment still. Linked may
-- not; but Mia may act for linked, and linked for granted: grants go one way,
-- and no further.
insert into client_link (id, client_low, client_high, low_label, high_label,
        low_may_book, low_may_forms, low_gets_copies, low_may_packages,
        high_may_book, high_may_forms, high_gets_copies, high_may_packages) values
    (gen_random_uuid(), '{mia_id}', '{linked_id}', 'sibling', 'sibling', true, true, true, true, false, false, false, false),
    (gen_random_uuid(), '{mia_id}', '{granted_id}', 'child', 'parent', false, false, false, false, true, true, true, true),
    (gen_random_uuid(), '{mia_id}', '{former_id}', 'child', 'parent', false, false, false, false, true, true, true, true),
    (gen_random_uuid(), '{mia_id}', '{other_id}',  'child', 'parent', false, false, false, false, true, true, true, true),
    (gen_random_uuid(), '{linked_id}', '{granted_id}', 'child', 'parent', true, true, true, true, false, false, false, false);

-- An account has its owner's id: sessions are kept from one run to the next.
insert into account (id, username, password_hash, client_id, staff_id) values
    ('{mia_id}',        'mia',        '{hash}', '{mia_id}',      null),
    ('{unlinked_id}',   'unlinked',   '{hash}', '{unlinked_id}', null),
    ('{linked_id}',     'linked',     '{hash}', '{linked_id}',   null),
    ('{granted_id}',    'granted',    '{hash}', '{granted_id}',  null),
    ('{former_id}',     'former',     '{hash}', '{former_id}',   null),
    ('{other_id}',      'other',      '{hash}', '{other_id}',    null),
    ('{unassigned_id}', 'unassigned', '{hash}', null, '{unassigned_id}'),
    ('{assigned_id}',   'assigned',   '{hash}', null, '{assigned_id}'),
    ('{watcher_id}',    'watcher',    '{hash}', null, '{watcher_id}'),
    ('{staff_id}',      'staff',      '{hash}', null, '{staff_id}'),
    ('{admin_id}',      'admin',      '{hash}', null, '{admin_id}');
insert into session select * from kept.session;
insert into account_link (id, kind, secret_hash, client_id, account_id, expires_at) values
    (gen_random_uuid(), 'claim', sha256('{claim}'), '{mia_id}', null, now() + interval '72 hours'),
    (gen_random_uuid(), 'reset', sha256('{reset}'), null, '{mia_id}', now() + interval '2 hours');
insert into setup_link (secret_hash) values (sha256('{setup}'));
insert into registration (id, secret_hash, first_name, last_name, email, expires_at) values
    (gen_random_uuid(), sha256('{register}'), 'Rex', 'Registering', 'rex@kin.test', now() + interval '72 hours');

-- What is to come: Mia's own, what former and other booked for her, and what
-- the two who may act for her have themselves.
insert into appointment (id, service_id, practitioner_id, location_id, client_id, proxy_id, starts_at, ends_at, zone,
        buffer_minutes, price_cents, request_key, booked_by)
    select visit.id::uuid, visit.service::uuid, visit.practitioner::uuid, location.id, visit.client::uuid, visit.proxy::uuid,
           visit.starts, visit.starts + interval '50 minutes', zone, 0, 0, gen_random_uuid(), coalesce(visit.proxy, visit.client)::uuid
      from location, (values
        ('{visit}',         '{talk}', '{assigned_id}',   '{mia_id}',     null,          '{soon}'::timestamptz),
        ('{former_visit}',  '{talk}', '{assigned_id}',   '{mia_id}',     '{former_id}', '{soon}'::timestamptz + interval '1 hour'),
        ('{other_visit}',   '{talk}', '{assigned_id}',   '{mia_id}',     '{other_id}',  '{soon}'::timestamptz + interval '2 hours'),
        ('{grantedsown}',   '{desk}', '{unassigned_id}', '{granted_id}', null,          '{soon}'::timestamptz + interval '3 hours'),
        ('{othersown}',     '{desk}', '{unassigned_id}', '{other_id}',   null,          '{soon}'::timestamptz + interval '4 hours')
      ) visit (id, service, practitioner, client, proxy, starts);

-- A mail to Mia about hers.
insert into message (id, kind, appointment_id, state) values ('{message}', 'confirmation', '{visit}', 'done');
insert into message_copy (id, message_id, address, client_id, subject, body, state) values
    ('{copy}', '{message}', '{mia_mail}', '{mia_id}', 'Appointment confirmed', 'Hello Mia', 'kept');

-- What Asta did with Mia, and a visit of Mia's that has been.
insert into term (id, vocabulary, label) values ('{deed}', 'activity_type', 'Deed') on conflict do nothing;
insert into activity (id, staff_id, type_id, held_on, minutes, title, request_key)
    values ('{activity}', '{assigned_id}', '{deed}', '{past}', 50, 'First talk', '{activity}');
insert into activity_client (activity_id, client_id) values ('{activity}', '{mia_id}');
insert into appointment (id, service_id, practitioner_id, location_id, client_id, starts_at, ends_at, zone,
        buffer_minutes, price_cents, request_key, booked_by)
    select '{past_visit}', '{talk}', '{assigned_id}', id, '{mia_id}', '{past}T15:00:00Z', '{past}T15:50:00Z', zone, 0, 0,
           gen_random_uuid(), '{mia_id}'
      from location;

-- Files in each state that somebody can do something about.
insert into import (id, staff_id, request_key, file_name, encoding, headings, looks, row_count, setup, state)
    select id::uuid, '{staff_id}', id::uuid, 'people.csv', 'UTF-8', '{First name,Last name}', '[]', 1,
           '{"columns": ["first_name", "last_name"], "version": "1"}', state
      from (values ('{import}', 'mapping'), ('{checked}', 'checked'), ('{working}', 'importing'), ('{imported}', 'done'))
           file (id, state);
insert into import_row (import_id, line, cells, outcome) values
    ('{import}', 2, '["Nils", "Newman"]', null), ('{checked}', 2, '["Nils", "Newman"]', 'ok'),
    ('{checked}', 3, '["Nora", "Newman"]', 'bad');

-- What Stef did with Mia among others, what he has not confirmed, and a view of his.
insert into bulk_change (id, staff_id, action, status, label, request_key, digest, state) values
    ('{bulk}',  '{staff_id}', 'status', 'active',   'Active',   '{bulk}',  '', 'done'),
    ('{draft}', '{staff_id}', 'status', 'inactive', 'Inactive', '{draft}', '', 'draft');
insert into bulk_target (bulk_id, position, number, outcome, before) values
    ('{bulk}', 1, {mia}, 'done', 'prospect'), ('{draft}', 1, {mia}, null, '');
insert into client_view (id, owner_id, name, query) values ('{view}', '{staff_id}', 'Sleepers', 'status=inactive');

-- A merge into Mia's record that moved nothing.
insert into client_merge (id, kept_id, dropped_id, dropped_number, dropped_code, merged_by, journal) values
    ('{merge}', '{mia_id}', gen_random_uuid(), 9001, 'OLD1', '{staff_id}', '[]');

-- Mia and Greta were said to be two people.
insert into client_not_duplicate (client_low, client_high, said_by) values ('{mia_id}', '{granted_id}', '{staff_id}');

-- What an administrator deleted, of hours of Ada's own.
insert into activity_removal (id, staff_id, record)
    select '{removed}', '{admin_id}', jsonb_build_object('activity', jsonb_set(jsonb_set(to_jsonb(a), '{id}', '"{removed}"'), '{request_key}', '"{removed}"'),
           'clients', array['{mia_id}'], 'attendees', '[]'::jsonb)
      from activity a where a.id = '{activity}';
