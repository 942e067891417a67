-- +goose Up
-- Where a run took place, what files were published, and what need not be computed again.

alter table runs add column host text not null default '';

create table export_files (
    target      text not null,
    path        text not null,
    fingerprint text not null,                -- of everything that decides the bytes
    rows        integer not null,
    sha256      text not null,
    size        integer not null,
    mtime_ns    integer not null,
    run_id      text not null,
    primary key (target, path)
) strict, without rowid;

create table file_hashes (
    path      text primary key,
    size      integer not null,
    mtime_ns  integer not null,
    ctime_ns  integer not null,
    inode     integer not null,
    hash      text not null,
    lines     integer not null,
    info      text,                           -- JSON, the scanner's own
    hashed_at integer not null,               -- when reading began
    saved_at  integer not null
) strict, without rowid;

create table sql_forms (
    key      text primary key,                -- sha256 of the SQL text and the engine's version
    normal   text not null,
    volatile integer not null,
    saved_at integer not null
) strict, without rowid;
