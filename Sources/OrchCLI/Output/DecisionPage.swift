import OrchDomain
import OrchStore

/// The pages that the link of a notice leads to: no script, nothing from elsewhere, and every text of others as text.
enum DecisionPage {
  /// Characters of the description and the diff at most; the rest is for `pr show`.
  private static let limit = 200_000

  static func question(_ details: ChangeDetails, until: Timestamp) -> String {
    let change = details.change
    let all = details.text(colour: false)
    let isCut = all.count > limit
    return page(
      "\(change.task): \(SafeText.line(change.title, limit: 200))",
      """
      <form method="post"><p><button name="action" value="approve">Approve</button></p></form>
      <form method="post"><p><label>Why not: <input name="reason" size="60" maxlength="4000" required></label>
      <button name="action" value="reject">Reject</button></p></form>
      <p>Commit \(change.headCommit.prefix(12)). This link works once, until \(until.rfc3339).</p>
      <pre>\(lines(String(all.prefix(limit))))</pre>
      \(isCut ? "<p><b>Not all is shown</b>; <code>claude-orch pr show \(change.task)</code> shows the rest.</p>" : "")
      """)
  }

  /// With its lines, unlike the one of reports.
  private static func lines(_ text: String) -> String {
    SafeText.visible(text, keepingNewlines: true).replacing("&", with: "&amp;").replacing("<", with: "&lt;")
      .replacing(">", with: "&gt;")
  }

  static func message(_ title: String, _ text: String) -> String { page(title, "<p>\(ReportPage.html(text))</p>") }

  private static func page(_ title: String, _ body: String) -> String {
    """
    <!DOCTYPE html>
    <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
    <meta name="robots" content="noindex"><title>\(ReportPage.html(title))</title></head>
    <body><h1>\(ReportPage.html(title))</h1>
    \(body)
    </body></html>

    """
  }
}
