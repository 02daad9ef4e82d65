import OrchDomain
import OrchEngine

/// Findings for people.
enum FindingText {
  static func line(_ finding: Finding) -> String {
    "\(mark(finding.level))  \(finding.subject.padding(to: 18))  \(SafeText.line(finding.text, limit: 500))\n"
  }

  private static func mark(_ level: Finding.Level) -> String {
    switch level {
    case .ok: "ok     "
    case .note: "note   "
    case .warning: "warning"
    case .error: "error  "
    case .unavailable: "missing"
    }
  }
}
