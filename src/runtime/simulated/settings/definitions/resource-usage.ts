// The settings of PostgreSQL's chapter "Resource usage", 15 to 18.

import { bool, choice, integer, real } from './define.ts'

export const resourceUsage = [
  // Asynchronous Behavior
  integer('old_snapshot_threshold', 'postmaster', '-1', 'After how long a snapshot may be too old to read with.', {
    unit: 'min',
    min: -1,
    max: 86400,
    until: 16,
  }),

  // Background Writer
  integer('bgwriter_delay', 'sighup', '200ms', 'How long the background writer sleeps between two rounds.', {
    unit: 'ms',
    min: 10,
    max: 10000,
  }),
  integer(
    'bgwriter_flush_after',
    'sighup',
    '512kB',
    'After how much writing the background writer has the disk flushed.',
    { unit: '8kB', min: 0, max: 256 },
  ),
  integer('bgwriter_lru_maxpages', 'sighup', '100', 'How many pages the background writer writes in a round at most.', {
    min: 0,
    max: 1073741823,
  }),
  real(
    'bgwriter_lru_multiplier',
    'sighup',
    '2',
    'How many times the expected need of buffers the background writer cleans.',
    { min: 0, max: 10 },
  ),

  // Disk
  choice('file_copy_method', 'user', ['copy', 'clone'], 'copy', 'How files of a new database are copied.', {
    since: 18,
  }),
  choice(
    'file_extend_method',
    'sighup',
    ['posix_fallocate', 'write_zeros'],
    'posix_fallocate',
    'How files are extended.',
    { since: 16 },
  ),
  integer('max_notify_queue_pages', 'postmaster', '1048576', 'How many pages of notifications may wait.', {
    min: 64,
    max: 2147483647,
    since: 17,
  }),
  integer('temp_file_limit', 'superuser', '-1', 'How large the temporary files of a process may be together.', {
    unit: 'kB',
    min: -1,
    max: 2147483647,
  }),

  // I/O
  integer('backend_flush_after', 'user', '0', 'After how much writing a backend has the disk flushed.', {
    unit: '8kB',
    min: 0,
    max: 256,
  }),
  integer('effective_io_concurrency', 'user', '1', 'How many reads a session has under way at once.', {
    min: 0,
    max: 1000,
    until: 17,
  }),
  integer('effective_io_concurrency', 'user', '16', 'How many reads a session has under way at once.', {
    min: 0,
    max: 1000,
    since: 18,
  }),
  integer('io_combine_limit', 'user', '128kB', 'How large reads and writes may be.', {
    unit: '8kB',
    min: 1,
    max: 32,
    since: 17,
    until: 17,
  }),
  integer('io_combine_limit', 'user', '128kB', 'How large reads and writes may be.', {
    unit: '8kB',
    min: 1,
    max: 128,
    since: 18,
  }),
  integer('io_max_combine_limit', 'postmaster', '128kB', 'The limit of that limit.', {
    unit: '8kB',
    min: 1,
    max: 128,
    since: 18,
  }),
  integer('io_max_concurrency', 'postmaster', '-1', 'How many reads and writes a process may have under way at once.', {
    min: -1,
    max: 1024,
    since: 18,
  }),
  choice(
    'io_method',
    'postmaster',
    ['sync', 'worker'],
    'worker',
    'How reads and writes that nobody waits for are made.',
    { since: 18 },
  ),
  integer('io_workers', 'sighup', '3', 'How many io workers there are.', { min: 1, max: 32, since: 18 }),
  integer('maintenance_io_concurrency', 'user', '10', 'How many reads maintenance has under way at once.', {
    min: 0,
    max: 1000,
    until: 17,
  }),
  integer('maintenance_io_concurrency', 'user', '16', 'How many reads maintenance has under way at once.', {
    min: 0,
    max: 1000,
    since: 18,
  }),

  // Kernel Resources
  integer('max_files_per_process', 'postmaster', '1000', 'How many files a process has open at most.', {
    min: 64,
    max: 2147483647,
  }),

  // Memory
  integer('autovacuum_work_mem', 'sighup', '-1', 'How much memory an autovacuum worker may use.', {
    unit: 'kB',
    min: -1,
    max: 2147483647,
  }),
  integer('commit_timestamp_buffers', 'postmaster', '0', 'How many buffers commit timestamps have.', {
    unit: '8kB',
    min: 0,
    max: 131072,
    since: 17,
  }),
  choice(
    'dynamic_shared_memory_type',
    'postmaster',
    ['posix', 'sysv', 'mmap'],
    'posix',
    'How shared memory that comes and goes is made.',
  ),
  real('hash_mem_multiplier', 'user', '2', 'How many times work_mem a hash table may use.', { min: 1, max: 1000 }),
  integer('huge_page_size', 'postmaster', '0', 'The size of a huge page.', { unit: 'kB', min: 0, max: 2147483647 }),
  choice('huge_pages', 'postmaster', ['off', 'on', 'try'], 'try', 'Whether shared memory is in huge pages.'),
  integer('logical_decoding_work_mem', 'user', '64MB', 'How much memory logical decoding may use.', {
    unit: 'kB',
    min: 64,
    max: 2147483647,
  }),
  integer('maintenance_work_mem', 'user', '64MB', 'How much memory maintenance may use.', {
    unit: 'kB',
    min: 1024,
    max: 2147483647,
    until: 16,
  }),
  integer('maintenance_work_mem', 'user', '64MB', 'How much memory maintenance may use.', {
    unit: 'kB',
    min: 64,
    max: 2147483647,
    since: 17,
  }),
  integer('max_prepared_transactions', 'postmaster', '0', 'How many prepared transactions there may be.', {
    min: 0,
    max: 262143,
  }),
  integer('max_stack_depth', 'superuser', '2MB', "How deep a session's stack may be.", {
    unit: 'kB',
    min: 100,
    max: 2147483647,
  }),
  integer('min_dynamic_shared_memory', 'postmaster', '0', 'How much of that memory is set aside from the start.', {
    unit: 'MB',
    min: 0,
    max: 2147483647,
  }),
  integer('multixact_member_buffers', 'postmaster', '256kB', 'How many buffers members of multixacts have.', {
    unit: '8kB',
    min: 16,
    max: 131072,
    since: 17,
  }),
  integer('multixact_offset_buffers', 'postmaster', '128kB', 'How many buffers offsets of multixacts have.', {
    unit: '8kB',
    min: 16,
    max: 131072,
    since: 17,
  }),
  integer('notify_buffers', 'postmaster', '128kB', 'How many buffers notifications have.', {
    unit: '8kB',
    min: 16,
    max: 131072,
    since: 17,
  }),
  integer('serializable_buffers', 'postmaster', '256kB', 'How many buffers serializable transactions have.', {
    unit: '8kB',
    min: 16,
    max: 131072,
    since: 17,
  }),
  integer('shared_buffers', 'postmaster', '128MB', 'How large the buffer pool is.', {
    unit: '8kB',
    min: 16,
    max: 1073741823,
  }),
  choice('shared_memory_type', 'postmaster', ['sysv', 'mmap'], 'mmap', 'How shared memory is made.'),
  integer('subtransaction_buffers', 'postmaster', '0', 'How many buffers subtransactions have.', {
    unit: '8kB',
    min: 0,
    max: 131072,
    since: 17,
  }),
  integer('temp_buffers', 'user', '8MB', "How large a session's buffers for temporary tables may be.", {
    unit: '8kB',
    min: 100,
    max: 1073741823,
  }),
  integer('transaction_buffers', 'postmaster', '0', 'How many buffers the commit log has.', {
    unit: '8kB',
    min: 0,
    max: 131072,
    since: 17,
  }),
  integer('vacuum_buffer_usage_limit', 'user', '256kB', 'How large the ring of buffers is that vacuum uses.', {
    unit: 'kB',
    min: 0,
    max: 16777216,
    since: 16,
    until: 16,
  }),
  integer('vacuum_buffer_usage_limit', 'user', '2MB', 'How large the ring of buffers is that vacuum uses.', {
    unit: 'kB',
    min: 0,
    max: 16777216,
    since: 17,
  }),
  integer('work_mem', 'user', '4MB', 'How much memory a sort or hash table may use before it goes to files.', {
    unit: 'kB',
    min: 64,
    max: 2147483647,
  }),

  // Worker Processes
  integer('max_parallel_maintenance_workers', 'user', '2', 'How many workers one maintenance command may have.', {
    min: 0,
    max: 1024,
  }),
  integer('max_parallel_workers', 'user', '8', 'How many parallel workers there may be.', { min: 0, max: 1024 }),
  integer('max_parallel_workers_per_gather', 'user', '2', 'How many workers one part of a plan may have.', {
    min: 0,
    max: 1024,
  }),
  integer('max_worker_processes', 'postmaster', '8', 'How many background workers there may be.', {
    min: 0,
    max: 262143,
  }),
  bool('parallel_leader_participation', 'user', 'on', 'Whether the leader of a parallel plan works too.'),
]
