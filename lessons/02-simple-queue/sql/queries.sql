/* Adds a task. Nobody else sees it before the transaction that adds it commits. */
/* @name insertTask */
insert into tasks (name, input)
values (:name!, :input!::text::jsonb)
returning id;

/* Hands the caller up to :limit queued tasks, oldest first. Two workers never get the same one. */
/* @name claimTasks */
with due as (
  select id
  from tasks
  where status = 'queued'
  order by id
  limit :limit!
  for update skip locked  -- A row another worker is claiming is not ours to wait for.
)
update tasks
set status = 'running'
from due
where tasks.id = due.id
returning tasks.id, tasks.name, tasks.input;

/* Keeps a running task's output. */
/* @name succeedTask */
update tasks
set status = 'succeeded',
    output = :output!::text::jsonb
where id = :id!
  and status = 'running';

/* Keeps a running task's error. */
/* @name failTask */
update tasks
set status = 'failed',
    error = :error!::text::jsonb
where id = :id!
  and status = 'running';

/* Reads how a task stands. */
/* @name readTask */
select status, output, error
from tasks
where id = :id!;
