#include "CGit2.h"
#include "table.h"

struct orch_git2_table orch_git2;

#define ORCH_INT(name, params, args) \
  int orch_##name params { return orch_git2.name == NULL ? GIT_ERROR : orch_git2.name args; }
#define ORCH_VALUE(type, name, params, args) \
  type orch_##name params { return orch_git2.name == NULL ? (type)0 : orch_git2.name args; }
#define ORCH_VOID(name, params, args) \
  void orch_##name params { if (orch_git2.name != NULL) { orch_git2.name args; } }
#include "functions.inc"

int orch_git_diff_trees(
  git_diff **out, git_repository *repository, git_tree *from, git_tree *to, bool renames, size_t rename_limit) {
  if (orch_git2.git_diff_tree_to_tree == NULL) { return GIT_ERROR; }
  git_diff_options options = GIT_DIFF_OPTIONS_INIT;
  options.flags = GIT_DIFF_SKIP_BINARY_CHECK | GIT_DIFF_INCLUDE_TYPECHANGE;
  options.ignore_submodules = GIT_SUBMODULE_IGNORE_NONE;
  int error = orch_git2.git_diff_tree_to_tree(out, repository, from, to, &options);
  if (error < 0 || !renames) { return error; }
  git_diff_find_options find = GIT_DIFF_FIND_OPTIONS_INIT;
  find.flags = GIT_DIFF_FIND_RENAMES;
  find.rename_limit = rename_limit;
  error = orch_git2.git_diff_find_similar(*out, &find);
  if (error < 0) {
    orch_git2.git_diff_free(*out);
    *out = NULL;
  }
  return error;
}

int orch_git_text_patch(git_patch **out, const git_blob *from, const git_blob *to, uint32_t context) {
  if (orch_git2.git_patch_from_blobs == NULL) { return GIT_ERROR; }
  git_diff_options options = GIT_DIFF_OPTIONS_INIT;
  options.flags = GIT_DIFF_FORCE_TEXT;
  options.context_lines = context;
  return orch_git2.git_patch_from_blobs(out, from, NULL, to, NULL, &options);
}

int orch_git_merge_in_memory(
  git_index **out, git_repository *repository, const git_commit *base, const git_commit *ours,
  const git_commit *theirs, unsigned rename_limit, bool unite) {
  if (orch_git2.git_merge_commits == NULL || orch_git2.git_merge_trees == NULL) { return GIT_ERROR; }
  git_merge_options options = GIT_MERGE_OPTIONS_INIT;
  options.flags = GIT_MERGE_FIND_RENAMES;
  options.target_limit = rename_limit;
  if (unite) { options.file_favor = GIT_MERGE_FILE_FAVOR_UNION; }
  if (base == NULL) { return orch_git2.git_merge_commits(out, repository, ours, theirs, &options); }
  const git_commit *commits[3] = {base, ours, theirs};
  git_tree *trees[3] = {NULL, NULL, NULL};
  int error = 0;
  for (int i = 0; i < 3 && error >= 0; i++) { error = orch_git_commit_tree(&trees[i], commits[i]); }
  if (error >= 0) { error = orch_git2.git_merge_trees(out, repository, trees[0], trees[1], trees[2], &options); }
  for (int i = 0; i < 3; i++) { orch_git_tree_free(trees[i]); }
  return error;
}

int orch_git_contents_conflict(
  bool *out, git_repository *repository, const git_oid *base, const git_oid *ours, const git_oid *theirs) {
  if (orch_git2.git_merge_file_from_index == NULL) { return GIT_ERROR; }
  git_index_entry sides[3] = {0};
  const git_oid *ids[3] = {base, ours, theirs};
  for (int i = 0; i < 3; i++) {
    sides[i].id = *ids[i];
    sides[i].mode = GIT_FILEMODE_BLOB;
    sides[i].path = "file";
  }
  git_merge_file_result result = {0};
  int error = orch_git2.git_merge_file_from_index(&result, repository, &sides[0], &sides[1], &sides[2], NULL);
  if (error < 0) { return error; }
  *out = !result.automergeable;
  orch_git2.git_merge_file_result_free(&result);
  return 0;
}

static int digit(char c) {
  if (c >= '0' && c <= '9') { return c - '0'; }
  if (c >= 'a' && c <= 'f') { return c - 'a' + 10; }
  if (c >= 'A' && c <= 'F') { return c - 'A' + 10; }
  return -1;
}

bool orch_git_oid_parse(git_oid *out, const char *hex, size_t length) {
  if (length != 40) { return false; }
  for (size_t i = 0; i < 20; i++) {
    int high = digit(hex[2 * i]);
    int low = digit(hex[2 * i + 1]);
    if (high < 0 || low < 0) { return false; }
    out->id[i] = (unsigned char)(high * 16 + low);
  }
  return true;
}

void orch_git_oid_text(char *out, const git_oid *id) {
  static const char digits[] = "0123456789abcdef";
  for (size_t i = 0; i < 20; i++) {
    out[2 * i] = digits[id->id[i] >> 4];
    out[2 * i + 1] = digits[id->id[i] & 15];
  }
}
