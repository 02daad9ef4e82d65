@testable import OrchProcess
import Testing

@Suite("Agent environment")
struct AgentEnvironmentTests {
  @Test("Secrets and settings of git are dropped unless they are allowed by name")
  func drops() {
    let given = [
      "PATH": "/bin", "HOME": "/h", "USER": "u", "LOGNAME": "u", "LANG": "C", "LC_ALL": "C", "TMPDIR": "/t",
      "SHELL": "/bin/sh", "TZ": "UTC", "TERM": "xterm", "GIT_DIR": "/x", "GITHUB_TOKEN": "s", "AWS_SECRET": "s",
      "ANTHROPIC_API_KEY": "k", "SSH_AUTH_SOCK": "/s", "LD_PRELOAD": "/l", "LC": "x", "ORCH_RUN_ID": "outer",
    ]
    #expect(
      AgentEnvironment.base(from: given, allow: ["ANTHROPIC_API_KEY", "NOT_SET"]) == [
        "PATH": "/bin", "HOME": "/h", "USER": "u", "LOGNAME": "u", "LANG": "C", "LC_ALL": "C", "TMPDIR": "/t",
        "SHELL": "/bin/sh", "TZ": "UTC", "TERM": "dumb", "ANTHROPIC_API_KEY": "k",
      ])
    #expect(AgentEnvironment.base(from: [:], allow: []) == ["TERM": "dumb"])
    #expect(AgentEnvironment.base(from: given, allow: ["TERM"])["TERM"] == "xterm")
  }
}
