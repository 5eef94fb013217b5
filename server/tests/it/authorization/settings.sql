-- What administrators decide about clients; run after `people.sql`.

update practice set code_only = false, client_registration = true, currency = 'CAD', client_word = 'client',
    client_word_plural = 'clients';
delete from term where id in ('{term}', '{other_term}');
insert into term (id, vocabulary, label, position) values
    ('{term}', 'fee_programme', 'Benefits plan', 1), ('{other_term}', 'fee_programme', 'Public fund', 2);
delete from tag_removal;
delete from tag;
insert into tag (id, name) values ('{tag}', 'Waiting'), ('{other_tag}', 'Sliding scale');
insert into client_tag (client_id, tag_id) values ('{mia_id}', '{tag}');
insert into tag_removal (id, name, clients) values ('{removed_tag}', 'Gone', array['{mia_id}'::uuid]);
delete from client_field;
insert into client_field (id, label, kind, position, for_clients) values
    ('{field}', 'Grade', 'choice', 1, true), ('{other_field}', 'School', 'text', 2, false);
insert into client_field_choice (id, field_id, label, position) values
    ('{choice}', '{field}', 'Junior', 1), ('{other_choice}', '{field}', 'Senior', 2);
delete from referring_provider;
insert into referring_provider (id, name) values ('{provider}', 'Dr. Who');
delete from message_text;
insert into message_text (id, text, channel, language, subject, body, made_by) overriding system value values
    (9900, 'changed', 'email', 'fr', 'Autre jour', 'Bonjour', '{admin_id}');
insert into location (id, name, zone) values ('{annex}', 'Zoo', 'America/Toronto');

insert into room (id, location_id, name) values ('{room}', '00000000-0000-7000-8000-000000000001', 'Blue');
insert into availability_exception
    (id, kind, practitioner_id, zone, local_starts, local_ends, starts_at, ends_at, tzdb, created_by) values
    ('{leave}', 'off', '{assigned_id}', 'UTC', '{soon}'::timestamptz::date, '{soon}'::timestamptz::date + 1,
        '{soon}'::timestamptz::date, '{soon}'::timestamptz::date + 1, 'test', '{admin_id}'),
    ('{own_leave}', 'open', '{assigned_id}', 'UTC', '2000-01-01', '2000-01-02', '2000-01-01', '2000-01-02', 'test', '{admin_id}');
