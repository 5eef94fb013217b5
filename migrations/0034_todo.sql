-- What waits for the front desk. Each line of the To do page is one of these functions; the
-- count beside the calendar counts their rows.

-- What was dealt with outside of the records, such as by a call.
create table todo_done (
    kind       text not null,
    -- not_told: the participant of the appointment. Otherwise the client.
    record_id  uuid not null,
    done_by    uuid references staff_member on delete set null,
    done_at    timestamptz not null default now(),
    primary key (kind, record_id),
    constraint todo_done_kind check (kind in ('not_told', 'minor_alone', 'of_age'))
);

create index message_cancellation on message (participant_id) where kind = 'cancellation';
create index message_copy_failed on message_copy (created_at desc) where state = 'failed';
create index client_newest on client (created_at desc);

-- Cancelled by the practice or by someone else than those it concerns, upcoming, and no mail
-- reached anyone: the copies failed or were withdrawn, or there was no one to write to.
create function todo_not_told() returns table (participant_id uuid, appointment_id uuid, client_id uuid, starts_at timestamptz)
language sql stable as $$
    select v.participant_id, v.id, v.client_id, v.starts_at
      from visit v
     where v.status = 'cancelled' and v.starts_at > now() and v.cancelled_at is not null
       and exists (select from message m
                    where m.participant_id = v.participant_id and m.kind = 'cancellation' and m.state <> 'queued')
       and not exists (select from message m join message_copy o on o.message_id = m.id
                        where m.participant_id = v.participant_id and m.kind = 'cancellation'
                          and o.state not in ('failed', 'withdrawn'))
       and v.cancelled_by is distinct from v.client_id and (v.proxy_id is null or v.cancelled_by is distinct from v.proxy_id)
       and not exists (select from todo_done d where d.kind = 'not_told' and d.record_id = v.participant_id)
$$;

-- Active, under the age of majority, and linked to no adult.
create function todo_minors_alone(today date) returns table (client_id uuid)
language sql stable as $$
    select c.id
      from practice p, client c
     where c.kind = 'individual' and c.status = 'active' and c.erased_at is null
       and c.birth_date > today - make_interval(years => p.age_of_majority)
       and not exists (select from client_grant g join client h on h.id = g.holder
                        where g.subject = c.id and h.erased_at is null
                          and (h.birth_date is null or h.birth_date <= today - make_interval(years => p.age_of_majority)))
       and not exists (select from todo_done d where d.kind = 'minor_alone' and d.record_id = c.id)
$$;

-- Mail of the last two weeks that could not be delivered.
create function todo_failed_mail() returns table (copy_id uuid, client_id uuid, subject text, error text, created_at timestamptz)
language sql stable as $$
    select o.id, coalesce(o.about_id, o.client_id), o.subject, o.error, o.created_at
      from message_copy o
     where o.state = 'failed' and o.created_at > now() - interval '14 days'
$$;

-- Times that became free and that someone on the waiting list has named: their dates and their
-- practitioner. Whether all else fits is looked at on the list itself.
create function todo_freed() returns table (practitioner_id uuid, starts_at timestamptz, ends_at timestamptz)
language sql stable as $$
    select distinct f.practitioner_id, f.starts_at, f.ends_at
      from waitlist_freed f
     where f.practitioner_id is not null and f.starts_at > now()
       and exists (select from waitlist_entry w
                    where w.ended_at is null and (w.practitioner_id is null or w.practitioner_id = f.practitioner_id)
                      and f.starts_at::date between w.first_on - 1 and w.last_on + 1)
$$;

-- Records of the last month with the name and birth date of another one. What else looks alike
-- is searched for on the page of duplicates.
create function todo_doubles() returns table (client_id uuid)
language sql stable as $$
    select c.id
      from client c
     where c.created_at > now() - interval '30 days' and c.kind = 'individual' and c.erased_at is null
       and exists (select from client o
                    where o.birth_date = c.birth_date and o.sort_name = c.sort_name and o.id <> c.id
                      and o.kind = 'individual' and o.erased_at is null
                      and not exists (select from client_not_duplicate n
                                       where n.client_low = least(c.id, o.id) and n.client_high = greatest(c.id, o.id)))
$$;

-- Asked of clients, and not done by its day.
create function todo_overdue(today date) returns table (request_id uuid)
language sql stable as $$
    select r.id from request r where r.state = 'open' and r.due_on < today
$$;

-- Who came or comes of age, and what the desk has to do about it themselves: no mail told those
-- concerned, there is no login, or what others may do was never decided. It goes once someone
-- decides about the link, one of them gets an address, or they have a login.
create function todo_of_age() returns table (client_id uuid, on_day date, is_over boolean, is_late boolean, is_untold boolean)
language sql stable as $$
    with open as (
            select o.client_id, o.on_day, o.done_at, o.is_late, l.client_low, l.client_high
              from coming_of_age o join client_link l on o.client_id in (l.client_low, l.client_high)
             where (o.done_at > now() - interval '90 days' or o.done_at is null and o.announced_at is not null)
               -- Of each link: what ended and was not decided since, or will end.
               and case when o.done_at is null or o.is_late
                        then exists (select from client_grant g
                                      where g.subject = o.client_id and g.link_id = l.id
                                        and (g.may_book or g.may_forms or g.gets_copies or g.may_packages))
                         and not exists (select from client_link_event e
                                          where (e.client_low, e.client_high) = (l.client_low, l.client_high)
                                            and o.is_late and e.at > o.done_at)
                        else (select e.kind from client_link_event e
                               where (e.client_low, e.client_high) = (l.client_low, l.client_high)
                               order by e.at desc, e.id desc limit 1) = 'suspended' end)
        select c.id, w.on_day, w.done_at is not null, bool_or(w.is_late),
               bool_or(not link_is_told_to(w.client_low, w.client_high) and not link_is_told_to(w.client_high, w.client_low))
          from open w join client c on c.id = w.client_id
         group by c.id, w.on_day, w.done_at
        having not exists (select from todo_done d where d.kind = 'of_age' and d.record_id = c.id)
           and (bool_or(w.is_late)
            or bool_or(not link_is_told_to(w.client_low, w.client_high) and not link_is_told_to(w.client_high, w.client_low))
            or w.done_at is not null
               and not exists (select from account a where a.client_id = c.id)
               and not exists (select from account_link k where k.client_id = c.id and k.kind = 'claim' and k.created_at >= w.done_at - interval '1 minute'))
$$;
