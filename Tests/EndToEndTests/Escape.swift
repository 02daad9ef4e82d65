import Foundation
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Something that an agent must not be able to do: what it runs, and how the test sees that it worked.
///
/// The scripts find the places of the attack in the variables that ``EscapeTests`` puts before them: `$OUT` (a
/// directory of somebody else), `$VICTIM` and `$PREY` (processes), `$NAME` (of an abstract socket), `$COMMON` (the
/// shared `.git`), `$OTHER` (another repository) and `$SPARE` (an object that nothing needs).
struct Escape: Sendable, CustomTestStringConvertible {
  var name: String
  var script: String
  var worked: @Sendable (Workshop, Grounds) throws -> Bool
  var testDescription: String { name }

  /// What the attacks are aimed at.
  struct Grounds: Sendable {
    var out: String
    var victim: pid_t
    var prey: pid_t
    var spare: String
  }

  /// The attack prints what it got hold of.
  static func leaks(_ name: String, _ script: String) -> Escape {
    Escape(name: name, script: script) { shop, _ in
      try EscapeTests.output(of: name, in: shop).contains("LEAK-\(name)")
    }
  }

  static func writes(_ name: String, _ script: String, _ path: @escaping @Sendable (Workshop, Grounds) -> String)
    -> Escape
  {
    Escape(name: name, script: script) { shop, grounds in shop.exists(path(shop, grounds)) }
  }

  static func configures(_ key: String, _ name: String, _ script: String) -> Escape {
    Escape(name: name, script: script) { shop, _ in
      try !shop.git("config", "--local", "--get", key, accepted: [0, 1]).isEmpty
    }
  }

  static let all: [Escape] = [
    writes("symlink", "ln -s \"$OUT\" door; echo x > door/symlink; rm door") { "\($1.out)/symlink" },
    writes("dotdot", "echo x > ../../../../out/dotdot") { "\($1.out)/dotdot" },
    writes("sibling", "echo x > \"$ORCH_WORKTREE/../sibling\"") { shop, _ in
      let worktrees = "\(shop.state)/worktrees"
      let project = (try? FileManager.default.contentsOfDirectory(atPath: worktrees))?.first ?? ""
      return "\(worktrees)/\(project)/sibling"
    },
    writes("hook", "mkdir -p \"$COMMON/hooks\"; echo '#!/bin/sh' > \"$COMMON/hooks/post-checkout\"") { shop, _ in
      "\(shop.root)/.git/hooks/post-checkout"
    },
    configures("core.hookspath", "hookspath", "git config core.hooksPath \"$OUT\""),
    configures("core.fsmonitor", "fsmonitor", "printf '[core]\\n\\tfsmonitor = evil\\n' >> \"$COMMON/config\""),
    configures("submodule.evil.url", "submodule", "git config submodule.evil.url ext::sh"),
    writes("alternates", "echo \"$OTHER/.git/objects\" > \"$COMMON/objects/info/alternates\"") { shop, _ in
      "\(shop.root)/.git/objects/info/alternates"
    },
    Escape(
      name: "borrow",
      script: """
        # Somebody else's file as a file of ours, through the objects of another repository.
        export GIT_ALTERNATE_OBJECT_DIRECTORIES="$OTHER/.git/objects"
        blob=$(git --git-dir="$OTHER/.git" rev-parse HEAD:secret.txt)
        git update-index --add --cacheinfo "100644,$blob,borrowed" && git commit -qm borrow && git checkout -q -- . 
        git repack -adq
        """,
      worked: { shop, _ in
        (try? shop.git("show", "main:borrowed"))?.contains("of another") ?? false
      }),
    Escape(
      name: "objects", script: "rm -f \"$COMMON/objects/${SPARE%${SPARE#??}}/${SPARE#??}\"",
      worked: { shop, grounds in
        !shop.exists(".git/objects/\(grounds.spare.prefix(2))/\(grounds.spare.dropFirst(2))")
      }),
    Escape(
      name: "refs", script: "git update-ref refs/heads/victim HEAD",
      worked: { shop, _ in
        try shop.git("rev-parse", "victim") != shop.git("rev-parse", "victim-was")
      }),
    Escape(
      name: "gitfile", script: "mv .git gone && mkdir .git && mv gone \"$OUT/gitfile\" && rmdir .git",
      worked: { shop, grounds in shop.exists("\(grounds.out)/gitfile") }),
    leaks("environ", "cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' | grep -a '^VICTIM_SECRET'"),
    leaks("cmdline", "cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n' | grep -a 'claude-orch$'"),
    leaks("ptrace", "cat /proc/$VICTIM/maps 2>/dev/null"),
    leaks("home", "cat ~/.ssh/id_ed25519"),
    leaks("keys", "ls -d /etc/ssl/private /etc/shadow"),
    leaks("login", "cat ~/.claude/.credentials.json"),
    leaks("database", "head -c 15 \"$ORCH_WORKTREE/../../../orchestrator.db\""),
    leaks("project", "cat \"$COMMON/../notes.txt\""),
    leaks(
      "socket",
      "python3 -c 'import socket,os;s=socket.socket(socket.AF_UNIX);s.connect(chr(0)+os.environ[\"NAME\"]);print(1)'"),
    Escape(
      name: "kill", script: "kill -9 $PREY", worked: { _, grounds in kill(grounds.prey, 0) != 0 }),
    Escape(
      name: "daemon",
      script: """
        # One that forgets whose it is, and whose supervisor is killed.
        wait_for_the_end="while [ -d $OUT ]; do sleep 0.1; done; : $OUT-daemon"
        setsid --fork env -i /bin/sh -c "$wait_for_the_end" </dev/null >/dev/null 2>&1
        sleep 0.2
        for parent in /proc/[0-9]*; do
          if [ "$(tr '\\0' ' ' < $parent/cmdline 2>/dev/null | grep -c "^orch-shim .*way-daemon")" = 1 ]; then
            kill -9 "${parent#/proc/}"
          fi
        done
        """,
      worked: { shop, grounds in Strays.list(below: "\(grounds.out)-daemon").contains { $0.contains("sh -c") } }),
    leaks("kernel", "[ \"$(id -u)\" = 0 ] && : >> /proc/sys/kernel/core_pattern && echo 1"),
  ]
}
