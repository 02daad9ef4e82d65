/// Everything that keeps a hostile repository from running code through us, in one place.
///
/// A repository is hostile when an agent or a stranger wrote its `.git`: its hooks, its configuration, its attributes.
/// The user's own configuration (global, system) is trusted. Settings are given through the environment
/// (`GIT_CONFIG_COUNT`), which beats every file and does not show in `ps`.
enum GitHardening {
  /// Fixed settings, each with what it stops.
  static let settings: [(key: String, value: String)] = [
    // Programs that git starts by itself.
    ("core.hooksPath", "/dev/null"),  // every hook, also reference-transaction and post-index-change
    ("core.fsmonitor", "false"),  // a program asked before every look at the working files
    ("core.alternateRefsCommand", "true"),  // a program that lists the refs of alternates
    ("diff.external", "false"),  // a program in place of the built-in diff
    ("interactive.diffFilter", "cat"),  // a program that filters diffs
    ("core.pager", "cat"),  // a program that shows output
    ("core.editor", "false"),  // a program that edits messages
    ("sequence.editor", "false"),  // the same for rebases
    ("gpg.program", "false"),  // a program that signs or verifies
    ("gpg.ssh.program", "false"),
    ("gpg.x509.program", "false"),
    ("gpg.ssh.defaultKeyCommand", "false"),
    ("commit.gpgSign", "false"),
    ("tag.gpgSign", "false"),
    ("log.showSignature", "false"),
    // Programs and servers that a transport starts. Local commands need none.
    ("protocol.allow", "never"),
    ("protocol.ext.allow", "never"),
    ("core.sshCommand", "false"),
    ("core.gitProxy", "false"),
    ("core.askPass", "false"),
    ("credential.helper", ""),  // the empty value forgets the helpers named before
    // Work that was not asked for.
    ("submodule.recurse", "false"),  // would run git with the submodule's own configuration
    ("fetch.recurseSubmodules", "false"),
    ("maintenance.auto", "false"),
    ("gc.auto", "0"),
    ("branch.autoSetupMerge", "false"),
    ("init.templateDir", ""),  // hooks copied into a new repository
    // Trees that would write into a .git.
    ("core.protectNTFS", "true"),
    ("core.protectHFS", "true"),
    // Speed, and patience with the locks of an agent's git in another worktree.
    ("checkout.workers", "0"),
    ("core.filesRefLockTimeout", "5000"),
    ("core.packedRefsTimeout", "5000"),
    ("advice.detachedHead", "false"),
  ]

  /// Durable objects, for what is kept before something is deleted. git itself syncs packs but no loose object.
  static func durable(_ version: GitVersion) -> [(key: String, value: String)] {
    if version < GitVersion(2, 36) { return [("core.fsyncObjectFiles", "true")] }
    return [("core.fsync", "objects,derived-metadata,reference"), ("core.fsyncMethod", "batch")]
  }

  /// The whole environment of a git command: nothing of the caller's reaches it but these names, so no `GIT_*`
  /// variable can redirect it (GIT_DIR, GIT_EXTERNAL_DIFF, GIT_SSH, GIT_EXEC_PATH, GIT_TRACE, GIT_CONFIG…).
  static func environment(
    inherited: [String: String], place: GitPlace?, index: String?, settings extra: [(key: String, value: String)]
  ) -> [String: String] {
    var result: [String: String] = [:]
    for name in ["PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "XDG_CONFIG_HOME"] { result[name] = inherited[name] }
    result["LANG"] = "C"
    result["LC_ALL"] = "C"
    result["TERM"] = "dumb"
    result["GIT_TERMINAL_PROMPT"] = "0"
    result["GIT_OPTIONAL_LOCKS"] = "0"
    result["GIT_LITERAL_PATHSPECS"] = "1"  // a file may be named ":(top)*"
    result["GIT_PAGER"] = "cat"
    result["GIT_EDITOR"] = "false"
    result["GIT_ASKPASS"] = "false"
    result["GIT_SSH_COMMAND"] = "false"
    result["GIT_ALLOW_PROTOCOL"] = "none"  // no transport, so a partial clone cannot start one by a missing object
    result["GIT_NO_LAZY_FETCH"] = "1"
    result["GIT_LFS_SKIP_DOWNLOAD_ERRORS"] = "1"  // what cannot be fetched stays a pointer, and the rest is checked out
    result["GIT_NO_REPLACE_OBJECTS"] = "1"  // refs/replace would let one object pass for another
    if let place {
      result["GIT_DIR"] = place.gitDirectory
      result["GIT_COMMON_DIR"] = place.commonDirectory
      result["GIT_WORK_TREE"] = place.workTree
    }
    result["GIT_INDEX_FILE"] = index
    let all = settings + extra
    result["GIT_CONFIG_COUNT"] = String(all.count)
    for (n, setting) in all.enumerated() {
      result["GIT_CONFIG_KEY_\(n)"] = setting.key
      result["GIT_CONFIG_VALUE_\(n)"] = setting.value
    }
    return result
  }
}
