-- Several copies are sent at a time. Until when a server has claimed a copy is kept
-- beside the time at which it is due, so that two copies to one address are never on
-- their way together: a cancellation does not overtake its confirmation.

alter table message_copy add column claimed_until timestamptz;

create index message_copy_address on message_copy (address) where state = 'queued';
