INSERT INTO projects (id, root, name, event_count, event_head, created_at)
  VALUES (3, '/old/repo', 'repo', 2, '1c083d9c323cb160e8f80693e4ba4e6bd9d9ca75d01c529cb7e60514df64e5c2', 1);
INSERT INTO tasks (project_id, id, module, prefix, number, digest, markdown_status, written_status, status, state,
  held_state, priority, sound, needs_review, attempts, parked_until, failure_class, reason, added_at, updated_at, title,
  path, touches, verify, labels, content_hash)
  VALUES
  (3, 'billing/E01', 'billing', '', 1, 5, 'complete', 'complete', 'complete', 'complete', NULL, 'normal', 1, 0, 1, NULL,
    NULL, NULL, 1, 1, 'One', 'docs/plans/billing/epic-01-one.md', '[]', '[]', '[]', 7),
  (3, 'billing/E02', 'billing', '', 2, 6, 'in_progress', 'in_progress', 'in_progress', 'parked', 'running', 'high', 1, 1,
    1, 99, 'rate_limit', 'the limit', 1, 2, 'Two', 'docs/plans/billing/epic-02-two.md', '["src/**","a \"b\".md"]', '[]',
    '[]', 8);
INSERT INTO dependencies VALUES (3, 'billing/E02', 'billing/E01', 'implicit');
INSERT INTO counters VALUES (3, 'state', 'complete', 1), (3, 'state', 'parked', 1), (3, 'status', 'complete', 1),
  (3, 'status', 'in_progress', 1);
INSERT INTO events (project_id, at, type, task, attempt, data, prev_hash, hash)
  VALUES (3, 1, 'project.added', NULL, NULL, '{"name":"repo","root":"/old/repo"}',
  '', '1e778d1db4d7adb238049daac7c844f08811e59e0dac85fe2344c1552c4ee690');
INSERT INTO events (project_id, at, type, task, attempt, data, prev_hash, hash)
  VALUES (3, 2, 'task.state', 'billing/E02', 1, '{"from":"running","to":"parked"}',
  '1e778d1db4d7adb238049daac7c844f08811e59e0dac85fe2344c1552c4ee690', '1c083d9c323cb160e8f80693e4ba4e6bd9d9ca75d01c529cb7e60514df64e5c2');
