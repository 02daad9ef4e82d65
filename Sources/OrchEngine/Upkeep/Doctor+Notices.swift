import OrchConfig
import OrchDomain
import OrchNotify
import OrchStore

extension Doctor {
  /// Whether people can be told, and what they were not.
  func notices() -> [Finding] {
    do {
      let store = try Store(path: place.paths.database, access: .readOnly)
      guard let project = try store.project(root: place.root) else { return [] }
      let view = ProjectView(place: place, store: store, row: project.id)
      let desk = NoticeDesk(view, environment: place.launch.environment, clock: clock)
      let names = desk.book.channels.map(\.name)
      var findings = desk.problems.map { Finding("notices", .warning, $0) }
      if findings.isEmpty {
        findings.append(Finding("notices", .ok, names.isEmpty ? "no channel" : names.joined(separator: ", ")))
      }
      let since = clock.now().advanced(by: .seconds(-7 * 86_400))
      let tried = try store.read(project.id) { tx throws(StoreError) in try tx.undeliveredNotices(since: since) }
      let waiting = try store.read(project.id) { tx throws(StoreError) in try tx.waitingNotices() }
      for (channel, unsent) in Dictionary(grouping: tried, by: \.channel).sorted(by: { $0.key < $1.key }) {
        // Nobody overtakes one that does not arrive.
        let count = waiting.count { $0.channel == channel } + unsent.count { $0.givenUpAt != nil }
        findings.append(
          Finding(
            "notices", .warning,
            "\(count) did not arrive by \(channel): \(unsent[0].problem ?? ""); `claude-orch notify list` shows them, "
              + "`notify test` tries the channels"))
      }
      return findings
    } catch StoreError.missing {
      return []
    } catch {
      return [Finding("notices", .warning, "they cannot be looked at: \(error)")]
    }
  }
}
