/// Calls and settings that are dangerous by what they do, whatever the words around them.
enum DangerousCalls {
  private static let exec: [Pattern] =
    [
      "eval(", "popen(", "execsync(", "execfile(", "execfilesync(", "execv(", "execve(", "execvp(", "execl(", "execlp(",
      "spawnsync(", "shell_exec(", "passthru(", "proc_open(", "unserialize(", "dlopen(", "document.write(",
      "new function(", "sh-c", "bash-c", "zsh-c",
    ].map { Pattern($0, .exec, left: .boundary) }
    + ["exec(", "system("].map { Pattern($0, .exec, left: .function) }
    + [
      "child_process", "os.system(", "os.exec", "subprocess.", "shell=true", "exec.command", "runtime.getruntime(",
      "processbuilder(", "command::new(", "pickle.load", "marshal.loads(", "yaml.load(", "yaml.unsafe_load",
      "dangerouslysetinnerhtml", "innerhtml=", "__import__(", "posix_spawn", "objectinputstream", "vm.runin",
      "window.eval", "globalthis.eval", "from subprocess", "import subprocess",
    ].map { Pattern($0, .exec) }
    + ["|sh", "|bash", "|zsh", "|sudo", "|python", "|python3", "|node"].map { Pattern($0, .exec, endsWord: true) }
    + [Pattern("Process()", .exec, left: .boundary, isCaseSensitive: true)]

  private static let transport: [Pattern] = [
    "verify=false", "verify:false", "verify_ssl=false", "verifyssl=false", "verify_none", "cert_none",
    "check_hostname=false", "insecureskipverify", "rejectunauthorized:false", "rejectunauthorized=false",
    "node_tls_reject_unauthorized", "_create_unverified_context", "--insecure", "--no-check-certificate",
    "sslverify=false", "sslverify false", "stricthostkeychecking=no", "stricthostkeychecking no", "curl-k",
    "allow_all_hostname_verifier", "servercertificatevalidationcallback", "strictssl=false", "strict-ssl=false",
    "strict-ssl false", "danger_accept_invalid", "--trusted-host", "ssl_verifypeer", "ssl_verifyhost",
    "nsallowsarbitraryloads", "usescleartexttraffic", "verify_signature\":false", "verify_signature=false",
  ].map { Pattern($0, .transport) }

  private static let permissions: [Pattern] = ["0o777", "0777", "0o666", "0666"].map {
    Pattern($0, .permissions, left: .boundary, endsWord: true)
  }

  private static let table = PatternTable(exec + transport + permissions)
  private static let shellTable = PatternTable([Pattern("eval ", .exec, left: .boundary)])

  /// The first place of every rule, as an offset into the line's bytes.
  static func find(in line: CodeLine, isShell: Bool) -> [(rule: ReviewRule, position: Int)] {
    let (bytes, origins) = squeezed(line.bytes)
    var found = table.matches(in: bytes).filter { match in
      // `model.eval()` of a machine-learning library switches a mode and runs no text.
      !(match.rule == .exec && isModeSwitch(at: match.position, in: bytes))
    }
    if isShell, !found.contains(where: { $0.rule == .exec }) { found += shellTable.matches(in: line.bytes) }
    return found.map { ($0.rule, $0.position < origins.count ? origins[$0.position] : 0) }
  }

  private static let modeSwitch = Array(".eval()".utf8)

  private static func isModeSwitch(at position: Int, in bytes: [UInt8]) -> Bool {
    guard position > 0, bytes[(position - 1)...].starts(with: modeSwitch) else { return false }
    // Only when nothing else on the line does what the first match was kept for.
    var rest = bytes
    rest.removeSubrange(position..<position + modeSwitch.count - 1)
    return !table.matches(in: rest).contains { $0.rule == .exec }
  }

  /// The line without white space, but for one space between two words; and where each byte came from.
  private static func squeezed(_ bytes: [UInt8]) -> (bytes: [UInt8], origins: [Int]) {
    var result: [UInt8] = []
    var origins: [Int] = []
    var sawSpace = false
    for (index, byte) in bytes.enumerated() {
      if byte == 0x20 || (0x09...0x0D).contains(byte) {
        sawSpace = true
        continue
      }
      if sawSpace, let last = result.last, CodeLine.isWord(last), CodeLine.isWord(byte) {
        result.append(0x20)
        origins.append(index)
      }
      sawSpace = false
      result.append(byte)
      origins.append(index)
    }
    return (result, origins)
  }
}
