// The addresses of libgit2's functions, NULL until orch_git2_load has succeeded.
#ifndef ORCH_CGIT2_TABLE_H
#define ORCH_CGIT2_TABLE_H

#include "CGit2.h"

struct orch_git2_table {
#define ORCH_INT(name, params, args) __typeof__(&name) name;
#define ORCH_VALUE(type, name, params, args) __typeof__(&name) name;
#define ORCH_VOID(name, params, args) __typeof__(&name) name;
#include "functions.inc"
#undef ORCH_INT
#undef ORCH_VALUE
#undef ORCH_VOID
  // Reached only through the helpers with options.
  __typeof__(&git_diff_tree_to_tree) git_diff_tree_to_tree;
  __typeof__(&git_diff_find_similar) git_diff_find_similar;
  __typeof__(&git_patch_from_blobs) git_patch_from_blobs;
  __typeof__(&git_merge_commits) git_merge_commits;
  __typeof__(&git_merge_trees) git_merge_trees;
  __typeof__(&git_merge_file_from_index) git_merge_file_from_index;
  __typeof__(&git_merge_file_result_free) git_merge_file_result_free;
};

extern struct orch_git2_table orch_git2;

#endif
