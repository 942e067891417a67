-- +goose Up
-- Who started a run, and what is remembered of the schedules that start runs by themselves.

alter table runs add column started_by text not null default '';

create table schedules (
    name       text primary key,              -- as in project.yaml
    paused     integer not null default 0,
    fired_at   integer,                       -- the time it was due, not the time it was looked at
    run_id     text not null default '',      -- of the last run it started
    updated_at integer not null
) strict, without rowid;
