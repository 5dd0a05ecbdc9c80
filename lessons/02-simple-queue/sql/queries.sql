/* Adds tasks of one name, in order. Other transactions cannot see them until the inserting transaction commits. */
/* @name insertTasks */
insert into tasks (name, input)
select :name!, input::payload
from json_to_recordset(:tasks!::text::json) as task (
  input text
)
returning id;

/* Hands the caller up to :limit queued tasks, oldest first. Two workers never get the same one. */
/* @name claimTasks */
with due as (
  select id
  from tasks
  where status = 'queued'
  order by id
  limit :limit!
  for update skip locked  -- Do not wait for a row that another worker is claiming.
),
claimed as (
  update tasks
  set status = 'running'
  where id = any (array(select id from due))
  returning *
)
select id, name, input
from claimed
order by id;

/* Writes the outcome of a running task. No row back: the task is not running any more. */
/* @name endRun */
update tasks
set status = :status!,
    output = :output::text::payload,
    error = :error::text::jsonb
where id = :id!
  and status = 'running'
returning status;

/* Reads the status of a task. */
/* @name readTask */
select status, output, error
from tasks
where id = :id!;
