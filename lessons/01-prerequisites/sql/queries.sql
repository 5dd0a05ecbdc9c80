/* Adds a task. Nobody else sees it before the transaction that adds it commits. */
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

/* Reads and locks the oldest tasks that nobody has locked. Two connections never get the same one. */
/* @name claimTasks */
select id, name, input
from tasks
order by id
limit :limit!
for update skip locked;

/* Ends a task. Whoever calls it holds the row's lock. */
/* @name deleteTask */
delete from tasks
where id = :id!;
