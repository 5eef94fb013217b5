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
