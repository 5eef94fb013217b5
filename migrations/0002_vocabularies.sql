-- What administrators define for client records: vocabularies, referring
-- providers, information fields and tags.

-- Terms to choose from, one list per vocabulary. A retired term is no longer
-- offered; records that have it keep it.
create table term (
    id          uuid primary key,
    vocabulary  text not null,
    label       text not null,
    -- Languages: the tag that is stored with a client, such as `fr`. Otherwise empty.
    tag         text not null default '',
    -- Age ranges: whole years, both included; null is no upper limit. Otherwise null.
    age_from    smallint,
    age_to      smallint,
    position    integer not null default 0,
    active      boolean not null default true,
    version     integer not null default 1,
    constraint term_vocabulary check (vocabulary in (
        'gender', 'pronouns', 'salutation', 'sex_at_birth', 'language', 'age_range', 'fee_programme',
        'activity_type', 'setting'
    )),
    constraint term_label check (label <> ''),
    constraint term_tag check ((vocabulary = 'language') = (tag <> '')),
    constraint term_ages check (
        case vocabulary when 'age_range'
            then age_from is not null and age_from >= 0 and (age_to is null or age_to >= age_from)
            else age_from is null and age_to is null end
    ),
    -- Every age belongs to at most one of the active age ranges.
    constraint term_ages_apart exclude using gist (
        int4range(age_from, age_to, '[]') with &&
    ) where (vocabulary = 'age_range' and active)
);
create unique index term_label_key on term (vocabulary, lower(label));
create unique index term_tag_key on term (tag) where vocabulary = 'language';
create index term_order on term (vocabulary, position, label);

insert into term (id, vocabulary, label, tag, age_from, age_to, position)
select gen_random_uuid(), vocabulary, label, tag, age_from, age_to, position
  from (values
    ('language', 'English', 'en', null::smallint, null::smallint, 1),
    ('language', 'Français', 'fr', null, null, 2),
    ('language', 'Español', 'es', null, null, 3),
    ('language', 'Português', 'pt', null, null, 4),
    ('language', 'العربية', 'ar', null, null, 5),
    ('language', '中文', 'zh', null, null, 6),
    ('language', 'हिन्दी', 'hi', null, null, 7),
    ('language', 'ਪੰਜਾਬੀ', 'pa', null, null, 8),
    ('language', 'Українська', 'uk', null, null, 9),
    ('gender', 'Woman', '', null, null, 1),
    ('gender', 'Man', '', null, null, 2),
    ('gender', 'Non-binary', '', null, null, 3),
    ('gender', 'Two-Spirit', '', null, null, 4),
    ('gender', 'Another gender', '', null, null, 5),
    ('gender', 'Prefer not to say', '', null, null, 6),
    ('sex_at_birth', 'Female', '', null, null, 1),
    ('sex_at_birth', 'Male', '', null, null, 2),
    ('sex_at_birth', 'Intersex', '', null, null, 3),
    ('pronouns', 'she/her', '', null, null, 1),
    ('pronouns', 'he/him', '', null, null, 2),
    ('pronouns', 'they/them', '', null, null, 3),
    ('salutation', 'Ms.', '', null, null, 1),
    ('salutation', 'Mr.', '', null, null, 2),
    ('salutation', 'Mx.', '', null, null, 3),
    ('salutation', 'Mrs.', '', null, null, 4),
    ('salutation', 'Dr.', '', null, null, 5),
    ('age_range', 'Under 6', '', 0, 5, 1),
    ('age_range', '6 to 12', '', 6, 12, 2),
    ('age_range', '13 to 17', '', 13, 17, 3),
    ('age_range', '18 to 29', '', 18, 29, 4),
    ('age_range', '30 to 44', '', 30, 44, 5),
    ('age_range', '45 to 64', '', 45, 64, 6),
    ('age_range', '65 and over', '', 65, null, 7),
    ('activity_type', 'Assessment', '', null, null, 1),
    ('activity_type', 'Individual session', '', null, null, 2),
    ('activity_type', 'Couple or family session', '', null, null, 3),
    ('activity_type', 'Group session', '', null, null, 4),
    ('activity_type', 'Supervision', '', null, null, 5),
    ('activity_type', 'Consultation', '', null, null, 6),
    ('setting', 'Private practice', '', null, null, 1),
    ('setting', 'School', '', null, null, 2),
    ('setting', 'Hospital', '', null, null, 3),
    ('setting', 'Community agency', '', null, null, 4)
  ) as given (vocabulary, label, tag, age_from, age_to, position);

-- The active age range of a person born on `born`, on the date `day`. Of two that
-- would match, the first in the list's order.
create function age_range_on(born date, day date) returns uuid
    language sql stable parallel safe
    return (select id from term
             where vocabulary = 'age_range' and active and born <= day
               and extract(year from age(day, born)) between age_from and coalesce(age_to, 999)
             order by position, label limit 1);

-- People and organisations that refer clients to the practice.
create table referring_provider (
    id       uuid primary key,
    name     text not null,
    phone    text not null default '',
    email    text not null default '',
    active   boolean not null default true,
    version  integer not null default 1,
    constraint referring_provider_name check (name <> '')
);
create unique index referring_provider_name_key on referring_provider (lower(name));

-- Information fields: what this practice records of clients besides the fields
-- that every practice has.
create table client_field (
    id            uuid primary key,
    label         text not null,
    kind          text not null,
    required      boolean not null default false,
    -- Whether the client sees it in the portal.
    for_clients   boolean not null default false,
    -- Whether quick-add shows it.
    in_quick_add  boolean not null default false,
    -- Whether the client list's search includes it.
    in_search     boolean not null default false,
    -- Choices and checkboxes: whether reports count by it.
    in_reports    boolean not null default false,
    position      integer not null default 0,
    -- Retired: no longer in forms nor shown; stored values stay.
    active        boolean not null default true,
    version       integer not null default 1,
    -- A field made after an import file was mapped does not count as left out on
    -- purpose: see db::import::setup.
    created_at    timestamptz not null default now(),
    constraint client_field_label check (label <> ''),
    constraint client_field_kind check (kind in ('text', 'long_text', 'number', 'date', 'choice', 'checkbox'))
);
create unique index client_field_label_key on client_field (lower(label));

-- The options of a choice field. Records that have a retired option keep it.
create table client_field_choice (
    id        uuid primary key,
    field_id  uuid not null references client_field on delete cascade,
    label     text not null,
    position  integer not null default 0,
    active    boolean not null default true,
    constraint client_field_choice_label check (label <> '')
);
create unique index client_field_choice_label_key on client_field_choice (field_id, lower(label));

create table tag (
    id    uuid primary key,
    name  citext not null,
    constraint tag_name_key unique (name),
    constraint tag_name check (name <> '')
);

-- Removed tags, with the clients that had them: a removal can be undone for a day.
create table tag_removal (
    -- The id of the removed tag, used again when the removal is undone.
    id          uuid primary key,
    name        citext not null,
    clients     uuid[] not null,
    removed_at  timestamptz not null default now()
);
