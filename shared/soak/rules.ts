/** Each rule is a query that returns the tasks that violate the rule. */
export const RULES: Record<string, string> = {
  "every task ends": `
    select id as task, format('is %s, %s, run_at %s', status, name, run_at) as what
    from tasks
    where status not in ('succeeded', 'failed', 'cancelled')`,

  "no worker row remains": `
    select 0 as task, name as what
    from workers`,

  "no limit is exceeded, and a final status is not overwritten": `
    select task_id as task, what
    from soak.violations`,

  "each claim ends once": `
    select id as task, format('%s claims, and %s ends of %s', fence, ends, fences) as what
    from tasks
    cross join lateral (
      select count(*) as ends, count(distinct fence) as fences
      from soak.executions
      where task_id = tasks.id
    ) as executions
    where not (ends = tasks.fence and fences = tasks.fence)`,

  "a handler runs at most once for each claim": `
    select task_id as task, format('%s runs, %s claims', count(*), fence) as what
    from soak.ledger
    join tasks on tasks.id = task_id
    where kind = 'handler'
    group by task_id, fence
    having count(*) > fence`,

  "a task that succeeded was run": `
    select id as task, 'succeeded without a run' as what
    from tasks
    where status = 'succeeded'
      and id not in (select task_id from soak.ledger where kind = 'handler')`,

  "no task fails unless planned": `
    select task_id as task, error as what
    from soak.executions
    where error not in (
      'Error', 'StepFailedError', 'ChildFailedError', 'TimeoutError', 'WorkerLostError', 'RunDroppedError'
    )
    union all
    select id, error ->> 'message'
    from tasks
    where error ->> 'name' = 'Error' and error ->> 'message' <> 'This attempt fails, as planned'
      or error ->> 'name' = 'ChildFailedError' and error ->> 'message' like 'A child "%'`,

  "the events of a task are numbered without a gap": `
    select id as task, format('%s of %s events, the last is %s', count(seq), event_count, max(seq)) as what
    from tasks
    left join events on task_id = id
    group by id
    having not (count(seq) = event_count and coalesce(max(seq), 0) = event_count)`,

  "a call that has succeeded is settled for good, and one that has failed unless it is reopened": `
    select task_id as task, format('event %s of a %s is %s after %s', seq, kind, status, coalesce(before, 'none')) as what
    from (
      select events.*, lag(status::text) over (partition by task_id, history, position order by seq) as before
      from events
    ) as calls
    where not case coalesce(before, 'none')
      when 'none' then status in ('started', 'succeeded', 'failed', 'retried')
      when 'started' then status in ('succeeded', 'failed', 'reopened')
      when 'retried' then status in ('succeeded', 'failed', 'retried')
      when 'failed' then status = 'reopened'
      when 'succeeded' then false
      when 'reopened' then case kind
        when 'child' then status = 'started' or (status = 'failed' and child_id is null)
        else status in ('succeeded', 'failed', 'retried')
      end
    end`,

  "a call has one child": `
    select task_id as task, format('%s at position %s', count(distinct child_id), position) as what
    from events
    where kind = 'child' and status = 'started'
    group by task_id, history, position
    having count(distinct child_id) > 1`,

  "a child has one call": `
    select child.id as task, format('%s calls of task %s', calls, parent_id) as what
    from tasks as child
    cross join lateral (
      select count(distinct (task_id, history, position)) as calls
      from events
      where task_id = parent_id and child_id = child.id and status = 'started'
    ) as started
    where parent_id is not null and calls <> 1`,

  "no child is open": `
    select id as task, format('%s children are open', open_children) as what
    from tasks
    where open_children <> 0`,

  "a parent gets the end of each child, unless it has ended before": `
    select task_id as task, format('child %s is %s, its last event is %s', child_id, tasks.status, last.status) as what
    from (
      select distinct on (task_id, child_id) task_id, child_id, status
      from events
      where child_id is not null
      order by task_id, child_id, seq desc
    ) as last
    join tasks on id = child_id
    where last.status = 'started'`,

  "a parent gets its child's output": `
    select task_id as task, format('child %s: %s', child_id, told.output) as what
    from events as told
    join tasks as child on child.id = child_id
    where told.status = 'succeeded'
      and child.status = 'succeeded'
      and child.history = 1
      and told.output::jsonb <> child.output::jsonb`,

  "a transfer takes effect once": `
    select split_part(call, '/', 1)::bigint as task, format('%s times: %s', count(*), call) as what
    from soak.transfers
    group by call
    having count(*) > 1`,

  "a transfer takes effect if, and only if, its event is written": `
    select coalesce(task, split_part(call, '/', 1)::bigint) as task,
           case when transfers.call is null then 'no effect' else 'no event' end as what
    from (
      select task_id as task,
             task_id || '/' || position || case when history > 1 then '/' || history else '' end as call
      from events
      where kind = 'transaction' and status = 'succeeded'
    ) as written
    full join soak.transfers using (call)
    where written.task is null or transfers.call is null`,

  "the sum of all balances is constant": `
    select 0 as task, sum(balance)::text as what
    from soak.accounts
    having sum(balance) <> sum(first_balance)`,

  "each balance is the result of its transfers": `
    select 0 as task, format('account %s has %s, expected %s', id, balance, expected) as what
    from soak.accounts
    cross join lateral (
      select first_balance + coalesce(sum(case id when to_account then amount else -amount end), 0) as expected
      from soak.transfers
      where id in (from_account, to_account)
    ) as moved
    where balance <> expected`,

  "a step that has succeeded was run": `
    select task_id as task, format('at position %s, attempt %s', position, attempt) as what
    from events
    where kind = 'step' and status = 'succeeded'
      and not exists (
        select from soak.ledger
        where kind = 'step'
          and (task_id, history, position, attempt) = (events.task_id, events.history, events.position, events.attempt)
      )`,

  // A run that was suspended or that succeeded has recorded the outputs of all its steps. Any other run may have ended
  // while a step was running: lost or stopped worker, cancellation, timeout, failure of another branch.
  "a step runs once, plus once for each lost execution": `
    select task_id as task, format('%s runs at %s, attempt %s, %s lost', runs, call, attempt, lost) as what
    from (
      select task_id, history, call, attempt, count(*) as runs
      from soak.ledger
      where kind = 'step'
      group by task_id, history, call, attempt
    ) as steps
    cross join lateral (
      select count(*) as lost
      from soak.executions
      where (task_id, history) = (steps.task_id, steps.history)
        and became not in ('suspended', 'succeeded')
    ) as executions
    where runs > 1 + lost`,
};
