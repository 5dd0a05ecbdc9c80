-- The soak's own records about each task.

create schema soak;

create table soak.accounts (
  id             int primary key,
  first_balance  bigint not null,
  balance        bigint not null
);

-- One row for each transfer that took effect. There is no unique key: the soak checks that there is one row per call.
create table soak.transfers (
  call          text not null,
  from_account  int not null,
  to_account    int not null,
  amount        int not null
);

-- One row for each claim that has ended: the task's new status, and the error.
create table soak.executions (
  task_id  bigint not null,
  history  int not null,
  fence    int not null,
  became   text not null,
  error    text
);

-- The ledger's lines from handlers and steps, copied at the end of the soak.
create table soak.ledger (
  kind      text not null,
  call      text not null,
  task_id   bigint not null,
  history   int,
  position  int,
  attempt   int not null
);

create table soak.violations (
  task_id  bigint not null,
  what     text not null
);

-- A limit applies to `running` rows, not to handlers: a worker that was frozen for longer than its lease has lost its
-- tasks, but when it continues, its handlers still run for a moment beside those of the new owners. So we count rows at
-- each claim. The lock serialises the counts of a key, whether or not the engine serialises its claims.
create function soak.watch_limits() returns trigger
language plpgsql
as $$
declare
  running int;
begin
  perform pg_advisory_xact_lock(hashtext('soak ' || new.concurrency_key));
  select count(*) into running
  from tasks
  where concurrency_key = new.concurrency_key
    and status = 'running';
  if running > (select max_running from concurrency_limits where concurrency_key = new.concurrency_key) then
    insert into soak.violations
    values (new.id, format('%s tasks with the key "%s" are running', running, new.concurrency_key));
  end if;
  return null;
end
$$;

create trigger soak_watches_limits
after update on tasks
for each row
when (new.status = 'running' and old.status <> 'running' and new.concurrency_key is not null)
execute function soak.watch_limits();

create function soak.watch_executions() returns trigger
language plpgsql
as $$
begin
  insert into soak.executions
  values (
    old.id, old.history, old.fence, new.status,
    case
      when jsonb_array_length(coalesce(new.errors, '[]')) > jsonb_array_length(coalesce(old.errors, '[]'))
      then new.errors -> -1 ->> 'name'
    end
  );
  return null;
end
$$;

create trigger soak_watches_executions
after update on tasks
for each row
when (old.status = 'running' and new.status <> 'running')
execute function soak.watch_executions();

create function soak.watch_endings() returns trigger
language plpgsql
as $$
begin
  insert into soak.violations
  values (old.id, format('was %s and became %s', old.status, new.status));
  return null;
end
$$;

-- The only valid change of a final status is to `queued`.
create trigger soak_watches_endings
after update on tasks
for each row
when (old.status in ('succeeded', 'failed', 'cancelled') and new.status <> old.status and new.status <> 'queued')
execute function soak.watch_endings();
