-- What became of a booking by request.
alter table appointment
    -- When staff accepted or declined it.
    add column answered_at timestamptz,
    -- Cancelled by the answer.
    add column declined boolean not null default false,
    add constraint appointment_declined check (not declined or (status = 'cancelled' and answered_at is not null));
create index appointment_requested on appointment (starts_at) where status = 'requested';
