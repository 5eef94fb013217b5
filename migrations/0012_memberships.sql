-- What no membership may be, whoever writes it: the operations check the same
-- and say it in better words.

alter table client_membership
    -- A membership entered by mistake can be removed on the day it was entered.
    add column created_at timestamptz not null default now();

-- Members are individuals, groups are not, and a couple never has three on any
-- day. Locks the group's row, so that of two who add at once the second sees
-- what the first has added.
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

-- The most who belong on one day. The number grows on a day of joining only.
create function client_membership_most(wanted uuid) returns bigint language sql stable
    return coalesce((
        select max(there) from (
            select count(*) as there
              from client_membership d join client_membership m on m.group_id = d.group_id
                   and daterange(m.joined_on, m.left_on, '[)') @> d.joined_on
             where d.group_id = wanted
             group by d.id) days), 0);

create constraint trigger client_membership_rules after insert or update on client_membership
    deferrable initially immediate for each row execute function client_membership_check();

-- A person stays a person; what becomes a couple has never had three at a time.
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

-- The couples, families and groups of the whole practice, by name.
create index client_groups on client (sort_name, id) where kind <> 'individual';
