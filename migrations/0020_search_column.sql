-- Clients are found by client_search and its words.
alter table client drop column search;
