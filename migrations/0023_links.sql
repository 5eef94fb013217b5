-- Linked clients: removals that can be undone, what both are told, and coming of age.

alter table client_link_event
    drop constraint client_link_event_kind,
    -- restored: a removal was undone. suspended: someone came of age.
    add constraint client_link_event_kind check (kind in ('created', 'changed', 'removed', 'restored', 'suspended'));
comment on column client_link_event.state is
    'The labels and grants after the change. Of a removal those before it, and what the two lost in the appointments that were kept, to undo it.';

-- When permissions that others have for someone end.
alter table practice
    add column age_of_majority smallint not null default 18,
    add constraint practice_age_of_majority check (age_of_majority between 14 and 25);

-- The day on which someone born then is so old. Born on 29 February, in other years it is 1 March.
create function of_age_on(birth date, years integer) returns date
    language sql immutable parallel safe strict
    return (birth + make_interval(years => years))::date
        + case when extract(day from birth + make_interval(years => years)) <> extract(day from birth) then 1 else 0 end;

-- What was done about someone's coming of age, for the day that their date of birth gave.
create table coming_of_age (
    client_id     uuid primary key references client on delete cascade,
    on_day        date not null,
    announced_at  timestamptz,
    done_at       timestamptz
);
create index coming_of_age_day on coming_of_age (on_day);

-- Mail about a link, beside the kinds that there are.
do $$
declare known text;
begin
    select pg_get_constraintdef(oid) into known from pg_constraint
     where conrelid = 'message'::regclass and conname = 'message_kind';
    alter table message drop constraint message_kind;
    execute 'alter table message add constraint message_kind check (kind in (''link_change'', ''coming_of_age'') or '
        || substr(known, 7) || ')';
end $$;
-- What waits to be told of a link.
create index message_link_event on message (subject_id) where subject_kind = 'link_event' and state = 'queued';
