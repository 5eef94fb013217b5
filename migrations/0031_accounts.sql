-- A change of the address that leads to a login is told to the old address,
-- which nobody else can be asked about: it stands on the record no more.
create sequence address_change_number as integer;

alter table message
    -- address_change: the address from before, which the mail goes to.
    add column old_address citext,
    add constraint message_old_address check ((kind = 'address_change') = (old_address is not null));

-- The kinds that are there stay, whichever they are.
do $$
declare
    kinds text;
begin
    select string_agg(quote_literal(word), ', ') into kinds
      from (select distinct part[1] as word from pg_constraint,
                   regexp_matches(pg_get_constraintdef(oid), '[a-z_]+', 'g') part
             where conname = 'message_kind' and conrelid = 'message'::regclass
             union select 'address_change') words
     where word not in ('kind', 'text');
    alter table message drop constraint message_kind;
    execute format('alter table message add constraint message_kind check (kind in (%s))', kinds);
end
$$;

comment on column message.subject_version is
    'The version of the appointment it tells of. Of a change of address its own number, so that each is told. Otherwise 0.';

-- A session ends some days after its login, however much it is used.
alter table session add column created_at timestamptz not null default now();

-- How many links an address asked for is counted.
create index registration_email on registration (email);
