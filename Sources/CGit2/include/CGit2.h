// libgit2 without linking it: every function is reached through a table that one dlopen fills at first use, so that a
// command that never touches a repository does not load libgit2 and the 18 libraries behind it.
#ifndef ORCH_CGIT2_H
#define ORCH_CGIT2_H

#if __has_include(<git2.h>)
#include <git2.h>
#include <git2/sys/repository.h>
#elif __has_include("/opt/homebrew/include/git2.h")
#include "/opt/homebrew/include/git2.h"
#include "/opt/homebrew/include/git2/sys/repository.h"
#elif __has_include("/usr/local/include/git2.h")
#include "/usr/local/include/git2.h"
#include "/usr/local/include/git2/sys/repository.h"
#else
#error "git2.h is missing: install libgit2-dev (Debian, Ubuntu) or libgit2 (Homebrew)"
#endif
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Loads libgit2 and sets its process-wide options. May be called from any thread and any number of times.
///
/// Returns NULL when every `orch_git_*` function may be called, else a text for people that lives as long as the
/// process.
const char *orch_git2_load(void);

// One forwarder per function of libgit2 that we use: `orch_git_x` has the signature of `git_x`.
#define ORCH_INT(name, params, args) int orch_##name params;
#define ORCH_VALUE(type, name, params, args) type orch_##name params;
#define ORCH_VOID(name, params, args) void orch_##name params;
#include "functions.inc"
#undef ORCH_INT
#undef ORCH_VALUE
#undef ORCH_VOID

// Calls whose option structs have initialisers that Swift cannot import.

/// Which paths differ between two trees (either may be NULL), without reading a blob unless `renames`.
int orch_git_diff_trees(
  git_diff **out, git_repository *repository, git_tree *from, git_tree *to, bool renames, size_t rename_limit);

/// The text patch between two blobs (either may be NULL). No attribute of the repository can hide a line of it.
int orch_git_text_patch(git_patch **out, const git_blob *from, const git_blob *to, uint32_t context);

/// Merges two commits in memory with rename detection: over `base`, or, when it is NULL, over what libgit2 finds, which
/// is a recursive base for criss-cross histories. With `unite`, what both sides have in one place is kept, one behind
/// the other, instead of being a conflict.
int orch_git_merge_in_memory(
  git_index **out, git_repository *repository, const git_commit *base, const git_commit *ours,
  const git_commit *theirs, unsigned rename_limit, bool unite);

/// Whether two versions of a file do not merge over a third one, all three by their blobs. Writes nothing.
int orch_git_contents_conflict(
  bool *out, git_repository *repository, const git_oid *base, const git_oid *ours, const git_oid *theirs);

/// Reads exactly 40 hexadecimal digits. False for anything else.
bool orch_git_oid_parse(git_oid *out, const char *hex, size_t length);

/// Writes 40 lower-case hexadecimal digits, and no NUL.
void orch_git_oid_text(char *out, const git_oid *id);

#endif
