-- Text that breaks out of a page wherever it is not escaped.
create function evil(name text) returns text language sql
    return name || '"''><script>alert(1)</script></textarea></title></script><b onclick="alert(2)">';
update practice set name = evil(name), client_word = evil('client'), client_word_plural = evil('clients'),
    welcome_subject = evil(welcome_subject), welcome_body = evil(welcome_body);
update location set name = evil(name), address = evil('');
update staff_member set first_name = evil(first_name);
update service set name = evil(name), description = evil('');
update client set group_name = evil(group_name), first_name = evil(first_name), last_name = evil(last_name), pronouns = evil(''), alert = evil(''),
    notes = evil(notes), email = evil(email), mobile = evil(mobile), zone = 'America/Toronto';
update account set username = evil(username::text);
update message_copy set subject = evil(subject), body = evil(body), address = evil(address::text), error = evil('');
update term set label = evil(label);
update tag set name = evil(name::text);
update tag_removal set name = evil(name::text);
insert into tag (id, name) values (gen_random_uuid(), evil('tag'));
insert into client_tag select c.id, t.id from client c, tag t on conflict do nothing;
update client_field set label = evil(label);
update client_field_choice set label = evil(label);
update referring_provider set name = evil(name), phone = evil(''), email = evil('');
update form set name = evil(name);
insert into form_version (id, form_id, number, definition, content_hash, published_at)
    select gen_random_uuid(), id, 3, jsonb_build_object('item', jsonb_build_array(
               jsonb_build_object('linkId', 'q1', 'type', 'group', 'text', evil('Section')),
               jsonb_build_object('linkId', 'q2', 'type', 'display', 'text', evil('Text')),
               jsonb_build_object('linkId', 'q3', 'type', 'text', 'text', evil('Question'), 'help', evil('Hint')),
               jsonb_build_object('linkId', 'q4', 'type', 'choice', 'text', evil('Choice'), 'answerOption', jsonb_build_array(evil('One'))),
               jsonb_build_object('linkId', 'q5', 'type', 'signature', 'text', evil('Statement')))), '\x01', now()
      from form;
update request set title = evil(title), body = evil(body);
alter table form_response disable trigger form_response_sealed;
update form_response set answers = jsonb_build_object('q3', jsonb_build_object('values', jsonb_build_array(evil('Answer'))),
    'q4', jsonb_build_object('values', jsonb_build_array(evil('One')))),
    form_version_id = (select id from form_version where number = 3 and form_version.form_id = (select form_id from form_version v where v.id = form_response.form_version_id))
 where state <> 'draft';
alter table form_response enable trigger form_response_sealed;
insert into form_signature (id, response_id, item, signer_client_id, signer_name, capacity, statement, name_digest, signed_hash, logged_in_by, agent)
    select gen_random_uuid(), id, 'q5', author_client_id, evil('Name'), 'self', evil('Statement'), sha256('x'), sha256('x'), '{password}', evil('Agent') from form_response;
alter table document_version disable trigger document_version_sealed;
update document_version set title = evil(title);
update document_version set body = evil('# Heading') || E'\n\n- ' || evil('item') || E'\n\n| ' || evil('cell') || ' |' where file_id is null;
alter table document_version enable trigger document_version_sealed;
