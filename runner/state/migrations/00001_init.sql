-- +goose Up
-- Times are unix microseconds (UTC), durations microseconds; *_ns are nanoseconds. JSON columns hold text.
-- "target" scopes what is true of one warehouse only; the same file may serve several.

create table runs (
    run_id      text primary key,
    target      text not null,
    command     text not null,
    args        text not null,                -- JSON array of strings
    project     text not null,
    elt_version text not null,
    pid         integer not null,
    started_at  integer not null,
    finished_at integer,
    status      text not null check (status in ('running', 'success', 'error', 'interrupted', 'crashed')),
    published   integer not null default 0,
    counts      text not null default '{}',   -- JSON object: status of nodes → how many
    error       text                          -- JSON, see failure.go
) strict;
create index runs_by_start on runs (started_at desc, run_id desc);
create index runs_open on runs (target) where status = 'running';

create table node_results (
    run_id      text not null references runs (run_id) on delete cascade,
    node_id     text not null,
    kind        text not null,
    name        text not null,
    status      text not null,
    rows        integer not null,
    rejected    integer not null,
    started_at  integer,
    elapsed     integer not null,
    message     text not null,
    reason      text not null,
    cause       text not null,
    error       text,                         -- JSON, see failure.go
    failure     text,                         -- JSON, see failure.go
    fingerprint text not null,
    primary key (run_id, node_id)
) strict;

-- Private, versioned relations that are complete in the warehouse.
create table relations (
    target        text not null,
    schema_name   text not null,
    relation_name text not null,
    node_id       text not null,
    fingerprint   text not null,
    content       text not null,              -- what the node itself said when it was built
    upstream      text not null,              -- JSON array: private relations it cannot be read without
    rows          integer not null,
    rejected      integer not null,
    elapsed       integer not null,
    run_id        text not null,
    created_at    integer not null,
    primary key (target, schema_name, relation_name)
) strict, without rowid;

create table test_verdicts (
    target      text not null,
    test_id     text not null,
    fingerprint text not null,                -- of the test and the relations it reads
    status      text not null,
    failing     integer not null,
    total       integer not null,
    message     text not null,
    elapsed     integer not null,
    failure     text,                         -- JSON, see failure.go
    run_id      text not null,
    checked_at  integer not null,
    primary key (target, test_id, fingerprint)
) strict, without rowid;

-- Each publish lists everything public after it, so that going back to one needs no other.
create table publishes (
    publish_id   integer primary key autoincrement,
    target       text not null,
    run_id       text not null,
    published_at integer not null
) strict;
create index publishes_by_target on publishes (target, publish_id desc);

create table published_nodes (
    publish_id     integer not null references publishes (publish_id) on delete cascade,
    node_id        text not null,
    schema_name    text not null,
    relation_name  text not null,
    public_schema  text not null,
    public_name    text not null,
    fingerprint    text not null,
    primary key (publish_id, node_id)
) strict, without rowid;

create table publish_intents (
    intent_id  integer primary key autoincrement,
    target     text not null,
    run_id     text not null,
    payload    text not null,                 -- JSON, the publisher's own
    state      text not null check (state in ('pending', 'done', 'abandoned')),
    created_at integer not null,
    ended_at   integer
) strict;
create unique index publish_intents_pending on publish_intents (target) where state = 'pending';

-- The files behind one version of a source.
create table load_files (
    target      text not null,
    source_id   text not null,
    fingerprint text not null,                -- of the version of the source
    path        text not null,
    run_id      text not null,
    hash        text not null,
    size        integer not null,
    mtime_ns    integer not null,
    loaded      integer not null,
    rejected    integer not null,
    warnings    text not null,                -- JSON array of strings
    loaded_at   integer not null,
    primary key (target, source_id, fingerprint, path)
) strict, without rowid;
create index load_files_by_fingerprint on load_files (target, fingerprint);
