-- Memberships: which individuals belong to which couple, family or group, and when.
-- The operations check the same rules with clearer messages; the triggers apply to
-- every write.

-- An individual's time in a couple, family or group. Local dates of the practice;
-- `left_on` is the first day on which the person is no longer a member.
create table client_membership (
    id          uuid primary key,
    group_id    uuid not null references client on delete cascade,
    member_id   uuid not null references client on delete cascade,
    joined_on   date not null,
    left_on     date,
    -- A membership entered by mistake can be removed on the day it was entered.
    created_at  timestamptz not null default now(),
    constraint client_membership_order check (left_on >= joined_on),
    constraint client_membership_not_self check (group_id <> member_id),
    -- One membership of a person in a group at a time.
    constraint client_membership_once exclude using gist (
        group_id with =, member_id with =, daterange(joined_on, left_on, '[)') with &&
    )
);
create unique index client_membership_open on client_membership (group_id, member_id) where left_on is null;
create index client_membership_member on client_membership (member_id, group_id);

-- The most members on any one day. The number grows only on a day of joining.
create function client_membership_most(wanted uuid) returns bigint language sql stable
    return coalesce((
        select max(there) from (
            select count(*) as there
              from client_membership d join client_membership m on m.group_id = d.group_id
                   and daterange(m.joined_on, m.left_on, '[)') @> d.joined_on
             where d.group_id = wanted
             group by d.id) days), 0);

-- Members are individuals, individuals have no members, and a couple has at most two
-- members on any day. The group's row is locked, so that of two concurrent additions
-- the second sees the first.
create function client_membership_check() returns trigger language plpgsql as $$
declare
    group_kind text;
begin
    select kind into group_kind from client where id = new.group_id for no key update;
    -- Checked late, and gone by then.
    if not found or not exists (select from client_membership where id = new.id) then
        return null;
    end if;
    if group_kind = 'individual' then
        raise exception 'an individual has no members'
            using errcode = 'check_violation', constraint = 'client_membership_group';
    end if;
    if not exists (select from client where id = new.member_id and kind = 'individual') then
        raise exception 'a member is an individual'
            using errcode = 'check_violation', constraint = 'client_membership_person';
    end if;
    if group_kind = 'couple' and client_membership_most(new.group_id) > 2 then
        raise exception 'a couple has at most two members'
            using errcode = 'check_violation', constraint = 'client_membership_couple';
    end if;
    return null;
end $$;
create constraint trigger client_membership_rules after insert or update on client_membership
    deferrable initially immediate for each row execute function client_membership_check();

-- An individual never becomes another kind, nor another kind an individual; a group
-- that becomes a couple never had three members at a time.
create function client_kind_check() returns trigger language plpgsql as $$
begin
    if 'individual' in (old.kind, new.kind) then
        raise exception 'an individual is never of another kind'
            using errcode = 'check_violation', constraint = 'client_kind_stays';
    end if;
    if new.kind = 'couple' and client_membership_most(new.id) > 2 then
        raise exception 'a couple has at most two members'
            using errcode = 'check_violation', constraint = 'client_membership_couple';
    end if;
    return null;
end $$;
create constraint trigger client_kind_rules after update of kind on client
    deferrable initially immediate for each row when (old.kind is distinct from new.kind)
    execute function client_kind_check();
