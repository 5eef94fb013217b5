-- Mia, a child, and everybody whose business she is or is not. Run before
-- every cell that finds something changed. Words in braces are filled in by
-- `world.rs`. Ids end in the number that the words stand for.

delete from registration;
delete from message_copy;
truncate file, document, form, form_version, request, form_response, form_signature cascade;
delete from message;
delete from account_link;
delete from session;
delete from account;
delete from activity;
delete from activity_draft;
delete from waitlist_entry;
delete from todo_done;
delete from message_text;
delete from appointment;
delete from waitlist_freed;
delete from appointment_series;
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
delete from availability_exception;
delete from room;
delete from service_practitioner;
delete from service;
delete from location;
delete from staff_member;
delete from setup_link;
select setval(pg_get_serial_sequence('client', 'number'), 5000);

update portal_permission set setting = 'on';
update portal_detail set setting = case detail when 'name' then 'shown' else 'editable' end;
update practice set name = 'Elm', zone = 'America/Toronto', client_login = true, client_registration = true, version = 1,
    first_run_done = false, checklist_off = false, sections_off = '{}', offer_minutes = 60, offers_by_itself = false,
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
    select gen_random_uuid(), m.id, l.id, day, 480, 1200
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
    ('{granted_link}', '{mia_id}', '{granted_id}', 'child', 'parent', false, false, false, false, true, true, true, true),
    (gen_random_uuid(), '{mia_id}', '{former_id}', 'child', 'parent', false, false, false, false, true, true, true, true),
    (gen_random_uuid(), '{mia_id}', '{other_id}',  'child', 'parent', false, false, false, false, true, true, true, true),
    (gen_random_uuid(), '{linked_id}', '{granted_id}', 'child', 'parent', true, true, true, true, false, false, false, false);

update portal_permission set setting = 'on' where permission = 'invite_links';
insert into link_invitation (id, client_id, email, secret_hash, expires_at) values
    ('{asked_link}', '{mia_id}', 'asked@kin.test', '\x00', now() + interval '7 days');

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
-- Each has a second session, on another device; and the password is fresh, however long the run takes.
insert into session (id, id_hash, account_id, data, expires_at)
select case when id = '{mia_id}' then '{session}' else gen_random_uuid() end, sha256(id::text::bytea), id,
       '{"agent": "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0"}', now() + interval '8 hours'
  from account
    on conflict do nothing;
update session set proved_at = now() + interval '1 hour';
insert into feed (id, account_id, secret_hash) values ('{feed}', '{mia_id}', sha256('the-secret-of-a-feed'));
insert into account_link (id, kind, secret_hash, client_id, account_id, expires_at) values
    (gen_random_uuid(), 'claim', sha256('{claim}'), '{mia_id}', null, now() + interval '72 hours'),
    (gen_random_uuid(), 'reset', sha256('{reset}'), null, '{mia_id}', now() + interval '2 hours');
insert into account_link (id, kind, secret_hash, account_id, new_email, expires_at) values
    (gen_random_uuid(), 'address', sha256('{address}'), '{mia_id}', 'mia.new@kin.test', now() + interval '2 hours');
insert into address_undo (id, account_id, secret_hash, old_email) values
    (gen_random_uuid(), '{mia_id}', sha256('{not_me}'), 'mia.old@kin.test');
insert into setup_link (secret_hash) values (sha256('{setup}'));
insert into registration (id, secret_hash, first_name, last_name, email, expires_at) values
    (gen_random_uuid(), sha256('{register}'), 'Rex', 'Registering', 'rex@kin.test', now() + interval '72 hours');

-- What is to come: Mia's own, what former and other booked for her, and what
-- the two who may act for her have themselves.
insert into visit (id, service_id, practitioner_id, location_id, client_id, proxy_id, starts_at, ends_at, zone,
        buffer_minutes, price_cents, request_key, booked_by)
    select visit.id::uuid, visit.service::uuid, visit.practitioner::uuid, location.id, visit.client::uuid, visit.proxy::uuid,
           visit.starts, visit.starts + interval '50 minutes', zone, 0, 0, gen_random_uuid(), coalesce(visit.proxy, visit.client)::uuid
      from location, (values
        ('{visit}',         '{talk}', '{assigned_id}',   '{mia_id}',     null,          '{soon}'::timestamptz),
        ('{former_visit}',  '{talk}', '{assigned_id}',   '{mia_id}',     '{former_id}', '{soon}'::timestamptz + interval '1 hour'),
        ('{other_visit}',   '{talk}', '{assigned_id}',   '{mia_id}',     '{other_id}',  '{soon}'::timestamptz + interval '2 hours'),
        ('{grantedsown}',   '{desk}', '{unassigned_id}', '{granted_id}', null,          '{soon}'::timestamptz + interval '3 hours'),
        ('{cancelled_visit}', '{talk}', '{assigned_id}', '{mia_id}',     null,          '{soon}'::timestamptz + interval '5 hours'),
        ('{asked_visit}',   '{talk}', '{assigned_id}',   '{mia_id}',     null,          '{soon}'::timestamptz + interval '3 days 6 hours'),
        ('{othersown}',     '{desk}', '{unassigned_id}', '{other_id}',   null,          '{soon}'::timestamptz + interval '4 hours')
      ) visit (id, service, practitioner, client, proxy, starts);

update appointment_participant set status = 'cancelled', cancelled_at = now() where appointment_id = '{cancelled_visit}';
update appointment set status = 'cancelled', cancelled_at = now(), seats_taken = 0 where id = '{cancelled_visit}';
update appointment set status = 'requested' where id = '{asked_visit}';

-- And the first of a series of hers.
insert into appointment_series (id, zone, frequency, every, weekdays, first_on, local_time, duration_minutes, count)
    select '{series}', zone, 'daily', 1, '{}', '{soon}'::timestamptz::date + 3, '09:00', 50, 5 from location limit 1;
insert into visit (id, service_id, practitioner_id, location_id, client_id, starts_at, ends_at, zone,
        buffer_minutes, price_cents, request_key, booked_by)
    select '{repeated}', '{talk}', '{assigned_id}', id, '{mia_id}', '{soon}'::timestamptz + interval '3 days',
           '{soon}'::timestamptz + interval '3 days 50 minutes', zone, 0, 0, gen_random_uuid(), '{staff_id}' from location limit 1;
update appointment set series_id = '{series}', series_date = starts_local::date where id = '{repeated}';

-- Mia waits for two things; a time for one of them is offered to her.
insert into waitlist_entry (id, client_id, service_id, first_on, last_on, state, entered_by, request_key)
    select e.id::uuid, '{mia_id}', '{talk}', '{day}'::date - 3, '{day}'::date + 30, e.state, '{mia_id}', e.id::uuid
      from (values ('{wait}', 'waiting'), ('{offered_wait}', 'offered')) e (id, state);
insert into appointment (id, service_id, practitioner_id, location_id, starts_at, ends_at, starts_local, zone, tzdb, buffer_minutes,
        price_cents, seats_taken, status, held_until, request_key, booked_by)
    select '{kept}', '{talk}', '{assigned_id}', id, '{nearby}'::timestamptz + interval '1 hour', '{nearby}'::timestamptz + interval '110 minutes',
           ('{nearby}'::timestamptz + interval '1 hour') at time zone zone, zone, 'test', 0, 0, 0, 'held', now() + interval '1 hour',
           '{kept}', '{offer}' from location limit 1;
insert into waitlist_offer (id, entry_id, appointment_id, practitioner_id, starts_at, ends_at, lapses_at, offered_by)
    select '{offer}', '{offered_wait}', id, practitioner_id, starts_at, ends_at, held_until, '{staff_id}'
      from appointment where id = '{kept}';
insert into waitlist_link (id, offer_id, client_id, secret_hash) values ('{offer}', '{offer}', '{mia_id}', sha256('{offer_token}'));

-- A mail to Mia about hers.
insert into message (id, kind, appointment_id, participant_id, state) values ('{message}', 'confirmation', '{visit}', '{visit}', 'done');
insert into message_copy (id, message_id, address, client_id, subject, body, state, link_hash, unsubscribe_hash) values
    ('{copy}', '{message}', '{mia_mail}', '{mia_id}', 'Appointment confirmed', 'Hello Mia', 'kept', sha256('{reply}'),
     sha256('{unsubscribe}'));
-- Copies of it, with links of their own, to those who act or acted for her.
insert into message_copy (id, message_id, address, client_id, about_id, subject, body, state, link_hash)
    select gen_random_uuid(), '{message}', coalesce(c.email, c.id || '@gone.test'), c.id, '{mia_id}', 'Appointment confirmed', 'Hello', 'kept',
           case c.id when '{granted_id}' then sha256('{granted_reply}') when '{former_id}' then sha256('{former_reply}')
                     else sha256('{linked_reply}') end
      from client c where c.id in ('{granted_id}', '{former_id}', '{linked_id}');

-- What Asta did with Mia, and a visit of Mia's that has been.
insert into term (id, vocabulary, label) values ('{deed}', 'activity_type', 'Deed') on conflict do nothing;
insert into activity (id, staff_id, type_id, held_on, minutes, title, request_key)
    values ('{activity}', '{assigned_id}', '{deed}', '{past}', 50, 'First talk', '{activity}');
insert into activity_client (activity_id, client_id) values ('{activity}', '{mia_id}');
insert into visit (id, service_id, practitioner_id, location_id, client_id, starts_at, ends_at, zone,
        buffer_minutes, price_cents, request_key, booked_by)
    select '{past_visit}', '{talk}', '{assigned_id}', id, '{mia_id}', '{past}T15:00:00Z', '{past}T15:50:00Z', zone, 0, 0,
           gen_random_uuid(), '{mia_id}'
      from location;
update appointment set modality = 'video' where id = '{past_visit}';

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

-- A form that is published, with a draft of its next version.
insert into form (id, name) values ('{form}', 'Intake');
insert into form_version (id, form_id, number, definition, previous, content_hash, published_at, published_by)
    select '{form_version}', '{form}', 1, definition, null, '\x01', now(), '{admin_id}'::uuid
      from (values ('{"item": [{"linkId": "q1", "type": "string", "text": "How are you?", "required": true}], "last": 1}'::jsonb)) one (definition);
insert into form_version (id, form_id, number, definition, previous)
    select '{form_draft}', '{form}', 2, jsonb_set(definition, '{item,0,text}', '"How do you do?"'), definition
      from form_version where id = '{form_version}';

-- What Mia is asked for; and a form of hers that she sent.
insert into request (id, kind, subject_id, form_id, title, body, request_key)
    select r.id::uuid, r.kind, '{mia_id}', r.form::uuid, r.title, 'Please.', r.id::uuid
      from (values ('{asked_form}', 'form', '{form}', ''), ('{asked_more}', 'other', null, 'Bring your card'),
                 ('{asked_file}', 'file', null, 'A photo of your card')) r (id, kind, form, title);
insert into form_response (id, form_version_id, subject_id, state, answers, author_client_id, acted_as, submitted_at, content_hash) values
    ('{response}', '{form_version}', '{mia_id}', 'submitted', '{"q1": {"values": ["Fine"]}}', '{mia_id}', 'self', now(), '\x01');
insert into request_rule (id, service_id, form_id, occasion) values ('{asking_rule}', '{desk}', '{form}', 'first');

-- A report about Mia that she has opened; it is shared with Greta too, who has not.
insert into document (id, client_id, state, author_id, shared_at, opened_at, opened_by) values
    ('{document}', '{mia_id}', 'shared', '{assigned_id}', now(), now(), '{mia_id}'),
    ('{draft_document}', '{mia_id}', 'draft', '{assigned_id}', null, null, null);
insert into document_version (document_id, number, title, body, written_by, was_shared) values
    ('{document}', 1, 'Report', '# Results', '{assigned_id}', true),
    ('{draft_document}', 1, 'Notes', 'Not yet.', '{assigned_id}', false);
insert into document_reader (document_id, client_id, added_by) values ('{document}', '{granted_id}', '{staff_id}');

-- Reports about her that are files: one shared like the other, and one that is not.
insert into file (id, client_id, kind, size, sha256, uploaded_by_staff)
    select id::uuid, '{mia_id}', 'pdf', octet_length(bytes), sha256(bytes), '{assigned_id}'
      from (values ('{file}', convert_to('%PDF-1.7 Mia Okafor', 'UTF8')), ('{draft_file}', convert_to('%PDF-1.7 Mia Okafor, draft', 'UTF8'))) f (id, bytes);
insert into file_content (file_id, bytes) values
    ('{file}', convert_to('%PDF-1.7 Mia Okafor', 'UTF8')), ('{draft_file}', convert_to('%PDF-1.7 Mia Okafor, draft', 'UTF8'));
insert into document (id, client_id, state, author_id, shared_at, opened_at, opened_by) values
    ('{attached}', '{mia_id}', 'shared', '{assigned_id}', now(), now(), '{mia_id}'),
    ('{draft_attached}', '{mia_id}', 'draft', '{assigned_id}', null, null, null);
insert into document_version (document_id, number, title, body, file_id, written_by, was_shared) values
    ('{attached}', 1, 'Scan', '', '{file}', '{assigned_id}', true),
    ('{draft_attached}', 1, 'Scan', '', '{draft_file}', '{assigned_id}', false);
insert into document_reader (document_id, client_id, added_by) values ('{attached}', '{granted_id}', '{staff_id}');

-- The link of a mail to Greta, with which she fills in Mia's form.
update practice set form_links = true;
insert into form_link (id, request_id, client_id, address, secret_hash)
    values (gen_random_uuid(), '{asked_form}', '{granted_id}', 'granted@kin.test', sha256('{form_link}'));
