-- A passkey works at the host that it was made for, and nowhere else.
alter table account_passkey add column rp_id text not null;
create index account_passkey_rp on account_passkey (rp_id);

-- Grows whenever the other sessions of the account end: what was begun before is then no login any more,
-- also where its session is made a moment later.
alter table account add column logins_ended integer not null default 0;

-- Since when the owner's role needs a second factor: kept for each account, so that someone who gets another
-- role has as many days as everyone, and no one gets them twice because a number was changed.
alter table account add column factor_since timestamptz;
update account a
   set factor_since = greatest(a.created_at, p.factor_since)
  from staff_member s cross join practice p
 where s.id = a.staff_id and s.roles && p.factor_roles;
alter table practice drop column factor_since;

create function account_factor_new() returns trigger language plpgsql as $$
begin
    if exists (select from staff_member s cross join practice p where s.id = new.staff_id and s.roles && p.factor_roles) then
        new.factor_since := coalesce(new.factor_since, now());
    end if;
    return new;
end $$;
create trigger account_factor_new before insert on account
    for each row when (new.staff_id is not null) execute function account_factor_new();

create function account_factor_changed() returns trigger language plpgsql as $$
begin
    update account a
       set factor_since = case when s.roles && p.factor_roles then coalesce(a.factor_since, now()) end
      from staff_member s cross join practice p
     where s.id = a.staff_id and (s.roles && p.factor_roles) <> (a.factor_since is not null);
    return null;
end $$;
create trigger staff_member_factor after update of roles on staff_member
    for each statement execute function account_factor_changed();
create trigger practice_factor after update of factor_roles on practice
    for each statement execute function account_factor_changed();
