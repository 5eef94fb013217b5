-- A minor's links are looked up one by one: joined as a set, they read every client there is.
create or replace function todo_minors_alone(today date) returns table (client_id uuid)
language sql stable as $$
    select c.id
      from practice p, client c
     where c.kind = 'individual' and c.status = 'active' and c.erased_at is null
       and c.birth_date > today - make_interval(years => p.age_of_majority)
       and (select count(*) from client_grant g
             cross join lateral (select * from client where client.id = g.holder limit 1) h
             where g.subject = c.id and h.erased_at is null
               and (h.birth_date is null or h.birth_date <= today - make_interval(years => p.age_of_majority))) = 0
       and not exists (select from todo_done d where d.kind = 'minor_alone' and d.record_id = c.id)
$$;
