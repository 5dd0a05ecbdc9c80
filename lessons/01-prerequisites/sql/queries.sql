/* Adds a task. Other transactions cannot see it until the inserting transaction commits. */
/* @name insertTask */
insert into tasks (name, input)
values (:name!, :input!)
returning id;

/* Reads the oldest tasks. Reading takes no lock: two connections get the same rows. */
/* @name readTasks */
select id, name, input
from tasks
order by id
limit :limit!;

/* Reads and locks the oldest tasks. A second connection waits until the first commits. */
/* @name lockTasks */
select id, name, input
from tasks
order by id
limit :limit!
for update;

/* Reads and locks the oldest unlocked tasks. Two connections never get the same row at the same time. */
/* @name claimTasks */
select id, name, input
from tasks
order by id
limit :limit!
for update skip locked;

/* Deletes a finished task. The caller has locked its row. */
/* @name deleteTask */
delete from tasks
where id = :id!;
