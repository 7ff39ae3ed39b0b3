"""The statements of the hot path: one per step and batch, arrays in. No values, no decisions.

Measured: parameters by array cost a fifth of what a statement built per batch costs, and the text never changes, so that
the driver's cache of prepared statements always hits.
"""

from hub.memory.letter_queries import LETTER
from hub.memory.schema import WITH_A_SUFFIX

FENCE = """
select producer_id, producer_epoch, opened_at, pruned_to, trying, deaths, decided_to, told_by from lanes where partition = $1 for update"""
# The fence of a batch also says how far the batch will have come: one statement, for the price of a row's new version. It does not
# match where memory is not as this owner left it, nor while the database waits to be rebuilt (but for whoever rebuilds it).
DECIDE_MENDING = """
update lanes set decided_to = coalesce($5, decided_to) where partition = $1 and producer_id = $2 and producer_epoch = $3
and ($4::bigint is null or decided_to = $4) returning pruned_to"""
DECIDE = DECIDE_MENDING.replace(" returning", " and not exists (select 1 from condition where behind_since is not null) returning")
NEW_LANE = (
    "insert into lanes (partition, producer_id, producer_epoch, opened_at, pruned_to) values ($1, $2, $3, $4, 0) on conflict do nothing"
)
OPEN_LANE = """
update lanes set producer_id = $2, producer_epoch = $3, opened_at = $4, trying = null, deaths = $5, decided_to = $4, told_by = $6
where partition = $1"""
REWOUND = "update lanes set decided_to = $2 where partition = $1"
# a lane that nobody has opened yet knows nothing, and the one of no partition is no lane
LANES = "select * from lanes where partition >= 0 and producer_id >= 0"
ALL_CASES = 'select distinct on (case_key) state from case_versions order by case_key, "offset" desc'
BEHIND_SINCE = "select behind_since from condition"
SET_BEHIND = "update condition set behind_since = now() where behind_since is null"
NOT_BEHIND = "update condition set behind_since = null"
TRYING = "update lanes set trying = $2 where partition = $1"
SURVIVED = "update lanes set trying = null, deaths = 0 where partition = $1"
LEFT = "update lanes set trying = null where partition = $1 and producer_id = $2 and producer_epoch = $3"
DELETE_SUFFIX = tuple(f'delete from {table.name} where partition = $1 and "offset" >= $2' for table in WITH_A_SUFFIX)  # noqa: S608 our own names

CLAIM = """
with asked as materialized (select * from unnest($2::text[], $3::text[], $4::text[], $5::int[], $6::bigint[], $7::bytea[], $8::bigint[])
as asked(scope, id, source_topic, source_partition, source_offset, digest, "offset")),
won as (insert into claims (partition, scope, id, source_topic, source_partition, source_offset, digest, "offset")
select $1, * from asked on conflict do nothing returning scope, id)
select scope, id from asked except select scope, id from won"""
OWNERS = """
select c.scope, c.id, c.source_topic, c.source_partition, c.source_offset, c.digest, c.partition, c."offset"
from unnest($1::text[], $2::text[]) as asked(scope, id) join claims c on c.scope = asked.scope and c.id = asked.id"""
CASES = """
select asked.key, latest.state from unnest($1::text[]) as asked(key) cross join lateral
(select v.state from case_versions v where v.case_key = asked.key order by v."offset" desc limit 1) as latest"""

LETTERS = f"""
select {LETTER}, l.body, l.reading, r.what, l.behind, l.direction from letters l left join resolutions r using (letter_id)
where l.letter_id = any($1::uuid[])"""  # noqa: S608 our own names
PARKED = f"""
select {LETTER}, l.body, l.reading, null, l.behind, l.direction from letters l
where l.behind is not null and l.case_key = any($1::text[]) and not exists (select 1 from resolutions r where r.letter_id = l.letter_id)
order by l."offset\""""  # noqa: S608 our own names
SENT = """
select distinct on (msg_id) msg_id, case_key, receiver, vendor, "offset", "at", of_portal from sent
where msg_id = any($1::text[]) order by msg_id, "at", partition, "offset\""""
CITIZENS = """
select asked.person, latest.active from unnest($1::text[]) as asked(person) cross join lateral
(select c.active from citizens c where c.person = asked.person order by c."offset" desc limit 1) as latest"""
OVERDUE = """
select d.command_id, d.what, d.case_key, d.due_at, d.partition, d."offset" from deadlines d
where d.partition = any($1::int[]) and d.due_at <= $2
and not exists (select 1 from deadlines_met m where m.command_id = d.command_id and m.what = d.what)
order by d.due_at limit $3"""

ADD_CASES = """
insert into case_versions (partition, case_key, "offset", state)
select $1, * from unnest($2::text[], $3::bigint[], $4::bytea[])"""
ADD_LETTERS = """
insert into letters (partition, letter_id, fault, rule, path, line, vendor, process, msg_id, case_key, source_topic,
source_partition, source_offset, "offset", written_at, body, reading, behind, direction)
select $1, * from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::int[], $7::text[], $8::text[], $9::text[], $10::text[],
$11::text[], $12::int[], $13::bigint[], $14::bigint[], $15::timestamptz[], $16::bytea[], $17::bytea[], $18::uuid[],
$19::text[])"""
ADD_RESOLUTIONS = """
insert into resolutions (partition, letter_id, what, "offset", "at", reason)
select $1, * from unnest($2::uuid[], $3::text[], $4::bigint[], $5::timestamptz[], $6::text[])"""
ADD_SENT = """
insert into sent (partition, msg_id, case_key, receiver, vendor, "offset", "at", of_portal)
select $1, * from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::timestamptz[], $8::bool[])"""
ADD_DEADLINES = """
insert into deadlines (partition, command_id, what, case_key, due_at, "offset")
select $1, * from unnest($2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::bigint[])"""
ADD_MET = """
insert into deadlines_met (partition, command_id, what, "offset")
select $1, * from unnest($2::text[], $3::text[], $4::bigint[]) on conflict do nothing"""
ADD_CITIZENS = """
insert into citizens (partition, person, active, "offset")
select $1, * from unnest($2::text[], $3::bool[], $4::bigint[])"""

# Pruning goes through the new versions of a window and takes away what they supersede: it never looks at a case that stands still.
WINDOW_END = """
select max("offset") + 1, count(*) from
(select "offset" from case_versions where partition = $1 and "offset" >= $2 and "offset" < $3 order by "offset" limit $4) as step"""
# Behind the window each case has one version left, by the windows before: "limit 1" keeps the planner on the index, also
# before the tables have statistics, and off the rows that are dead already (without it a step took 100 to 500 ms).
PRUNE_CASES = """
with step as (select ctid, case_key, "offset", max("offset") over (partition by case_key) as latest
from case_versions where partition = $1 and "offset" >= $2 and "offset" < $3)
delete from case_versions where ctid = any(array(
select ctid from step where "offset" < latest
union all
select old.ctid from step as new cross join lateral
(select v.ctid from case_versions v where v.case_key = new.case_key and v."offset" < $2 order by v."offset" desc limit 1) as old
where new."offset" = new.latest))"""
PRUNE_LETTERS = """
update letters l set body = null, reading = null from resolutions r
where r.partition = $1 and r."offset" >= $2 and r."offset" < $3 and l.letter_id = r.letter_id"""
# What is waited for and what came of it go together, in pairs; a citizen keeps the latest word.
PRUNE_DEADLINES = """
with met as (delete from deadlines_met where partition = $1 and "offset" >= $2 and "offset" < $3 returning command_id, what)
delete from deadlines d using met where d.command_id = met.command_id and d.what = met.what"""
PRUNE_CITIZENS = """
delete from citizens old using citizens newer where newer.partition = $1 and newer."offset" >= $2 and newer."offset" < $3
and old.person = newer.person and old."offset" < newer."offset\""""
PRUNED = "update lanes set pruned_to = $2 where partition = $1"

# Before a worker begins: do the cases lie where the log has them, and go by the names it gives?
FIRST_LANES = """
insert into lanes (partition, producer_id, producer_epoch, opened_at, pruned_to)
select n, -1, -1, 0, 0 from generate_series(0, $1::int - 1) as n where not exists (select from lanes) on conflict do nothing"""
LANES_THERE = "select count(*) filter (where partition >= 0), count(*) filter (where partition < 0) > 0 from lanes"
# Names are sorted by their bytes, and "/" comes right behind ".": both ends of the index are looked at, never all of it.
NAMED_OTHERWISE = r"""
select exists (select from case_versions where case_key < $1 || '.' and case_key ~ '^[a-z0-9]{1,8}\.[0-9a-f]{32}$')
or exists (select from case_versions where case_key >= $1 || '/' and case_key ~ '^[a-z0-9]{1,8}\.[0-9a-f]{32}$')"""

VERSION = "select version_num from alembic_version"
FITS_FROM = "select fits_from from condition"
