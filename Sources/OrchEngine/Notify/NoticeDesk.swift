import OrchConfig
import OrchDomain
import OrchFiles
package import OrchWeb
package import OrchNotify
import OrchReview
import OrchSchedule
import OrchStore

/// Writes notices into the outbox in the store, and carries them out of it: each once and in order on every channel,
/// however long a receiver is down.
package struct NoticeDesk: Sendable {
  package let book: ChannelBook
  private let view: ProjectView
  private let clock: EngineClock
  private let mask: SecretMask
  private let policy: NoticePolicy
  private let transport: HTTPTransport

  /// How long what was sent is kept, for `notify list`.
  private static let memory = Duration.seconds(90 * 86_400)

  package init(
    _ view: ProjectView, environment: [String: String], clock: EngineClock, transport: HTTPTransport = .live
  ) {
    let settings = view.place.loaded.settings.notifications
    self.view = view
    self.clock = clock
    self.transport = transport
    book = ChannelBook(settings, environment: environment)
    mask = SecretMask(environment: environment)
    policy = NoticePolicy(
      perHour: settings.maxPerHour, digest: settings.digest ?? .zero,
      quiet: settings.quietHours.flatMap(QuietHours.init))
  }

  package init(project: OpenProject) {
    self.init(project.view, environment: project.environment, clock: project.clock)
  }

  /// What is wrong with the configuration, for people.
  package var problems: [String] {
    let settings = view.place.loaded.settings
    var problems = book.problems
    if let hours = settings.notifications.quietHours, QuietHours(hours) == nil {
      problems.append("[notifications] quiet_hours is written HH:MM-HH:MM, such as 22:00-07:00")
    }
    if let url = settings.web.publicURL, !Channel.isAddress(url) {
      problems.append("[web] public_url must begin with https://, or lead to this machine; notices have no links")
    }
    return problems
  }

  /// Makes notices of the events since the last time. The first time there are none: nobody is told of the past.
  package func collect() throws {
    guard !book.channels.isEmpty else { return }
    let now = clock.now()
    try view.store.write(view.row) { tx in
      guard let mark = try tx.noticeMark() else {
        try tx.setNoticeMark(try tx.latestEvents(limit: 1).last?.seq ?? 0)
        return
      }
      var last = mark
      for event in try tx.events(after: mark, limit: 5000) {
        last = event.seq
        // Whoever switches a channel on again is not told of last month.
        guard now.since(event.at) < NoticePolicy.patience else { continue }
        guard NoticeText.types.contains(event.type), let text = NoticeText(event) else { continue }
        try add(text.kind, key: "event-\(event.seq)", title: text.title, body: text.body, tx, now)
      }
      guard last != mark else { return }
      try tx.setNoticeMark(last)
      try tx.forgetNotices(before: now.advanced(by: .zero - Self.memory))
    }
  }

  /// Writes one notice, for every channel that tells its kind.
  ///
  /// - Parameter key: Names it; a second notice with the same one is the same.
  package func tell(_ kind: Notice.Kind, key: String, title: String, body: String) throws {
    let now = clock.now()
    try view.store.write(view.row) { tx in try add(kind, key: key, title: title, body: body, tx, now) }
  }

  private func add(
    _ kind: Notice.Kind, key: String, title: String, body: String, _ tx: borrowing StoreTransaction, _ now: Timestamp
  ) throws(StoreError) {
    for channel in book.channels(for: kind) {
      try tx.addNotice(
        channel: channel, kind: kind.rawValue, key: key, title: mask.masked(title), body: mask.masked(body),
        at: now)
    }
  }

  /// Sends everything whose time has come. One process does so at a time; another one finds nothing to do.
  ///
  /// - Returns: What did not arrive, for people.
  @discardableResult
  package func deliver() async throws -> [String] {
    guard try view.store.read(view.row, { tx throws(StoreError) in try !tx.waitingNotices(limit: 1).isEmpty }) else {
      return []
    }
    try FileTree.makeDirectories("\(view.place.paths.home)/locks")
    let lock: FileLock
    do throws(FileLockError) {
      lock = try FileLock(view.place.paths.noticeLock, purpose: "notices", now: clock.now())
    } catch {
      guard case .held = error else { throw EngineError.unavailable(error.description) }
      return []
    }
    defer { lock.release() }
    try giveUpOrphans()
    return try await withThrowingTaskGroup(of: String?.self) { group in
      for channel in book.channels { group.addTask { try await deliver(by: channel) } }
      return try await group.reduce(into: []) { problems, problem in if let problem { problems.append(problem) } }
    }
  }

  /// A channel that is not configured any more takes nothing; one whose secret is only missing here may come back.
  private func giveUpOrphans() throws {
    let now = clock.now()
    let names = Set(book.channels.map(\.name))
    try view.store.write(view.row) { tx in
      let orphans = try tx.waitingNotices().filter {
        !names.contains($0.channel) && now.since($0.createdAt) > NoticePolicy.patience
      }
      try tx.setUnsent(orphans.map(\.id), problem: "the channel is not configured", until: nil, at: now)
    }
  }

  private func deliver(by channel: Channel) async throws -> String? {
    while true {
      let now = clock.now()
      let waiting = try view.store.read(view.row) { tx throws(StoreError) in try tx.waitingNotices(channel.name) }
      let sent = try view.store.read(view.row) { tx throws(StoreError) in
        try tx.noticeTimes(channel.name, since: now.advanced(by: .seconds(-3600)))
      }
      let step = policy.next(
        waiting.map { NoticePolicy.Waiting(id: $0.id, createdAt: $0.createdAt, notBefore: $0.notBefore) }, sent: sent,
        at: now, zone: clock.zone)
      guard case .send(let ids) = step else { return nil }
      let wanted = waiting.filter { ids.contains($0.id) }
      let links = try links(for: wanted, by: channel, now)
      let notices = fitting(wanted, links, by: channel)
      do throws(NoticeFailure) {
        try await channel.send(message(notices, links, now), over: transport)
      } catch {
        // What a receiver answers may repeat what it was sent, and is kept.
        let failure = links.isEmpty ? error : error.withoutAnswer
        try fail(notices, failure, now)
        return "\(channel.name): \(failure.description)"
      }
      try view.store.write(view.row, durability: .full) { tx in try tx.setSent(notices.map(\.id), at: clock.now()) }
    }
  }

  private func fail(_ notices: [StoredNotice], _ failure: NoticeFailure, _ now: Timestamp) throws {
    let tries = (notices.first?.tries ?? 0) + 1
    let isOver = notices.allSatisfy { now.since($0.createdAt) > NoticePolicy.patience }
    let pause = max(NoticePolicy.pause(after: tries), failure.retryAfter ?? .zero)
    try view.store.write(view.row) { tx in
      try tx.setUnsent(
        notices.map(\.id), problem: mask.masked(failure.description), until: isOver ? nil : now.advanced(by: pause),
        at: now)
    }
  }

  /// Links for those notices that tell of a change that waits. They are made when a message goes, and never kept.
  ///
  /// - Returns: By the number of the notice.
  private func links(
    for notices: [StoredNotice], by channel: Channel, _ now: Timestamp
  ) throws -> [Int64: String] {
    let settings = view.place.loaded.settings
    guard channel.carriesLinks, let url = settings.web.publicURL, Channel.isAddress(url) else { return [:] }
    let until = now.advanced(by: settings.notifications.linkExpiry)
    let links = try view.store.read(view.row) { tx throws(StoreError) in
      var links: [Int64: DecisionLink] = [:]
      for notice in notices { links[notice.id] = try link(for: notice, by: channel, until: until, tx) }
      return links
    }
    guard !links.isEmpty else { return [:] }
    let secret = try LinkSecret.make(view.place.paths.home)
    let base = url.hasSuffix("/") ? String(url.dropLast()) : url
    return links.mapValues { "\(base)/decide/\($0.key(secret: secret))" }
  }

  /// - Returns: Nil for a notice of something else than a change that waits.
  private func link(
    for notice: StoredNotice, by channel: Channel, until: Timestamp, _ tx: borrowing StoreTransaction
  ) throws(StoreError) -> DecisionLink? {
    guard notice.kind == Notice.Kind.needsYou.rawValue, notice.key.hasPrefix("event-"),
      let seq = Int64(notice.key.dropFirst(6)), let event = try tx.events(after: seq - 1, limit: 1).first,
      event.seq == seq, let task = event.task, let wait = try DecisionLink.wait(of: task, tx),
      let change = try tx.unfinishedChange(of: task), change.state == .open
    else { return nil }
    return DecisionLink(
      project: view.place.paths.key, number: change.number, head: change.headCommit, wait: wait,
      channel: channel.name, until: until)
  }

  /// One message; several notices become a list.
  private func message(_ notices: [StoredNotice], _ links: [Int64: String], _ now: Timestamp) -> Notice {
    let project = view.place.root.split(separator: "/").last.map(String.init) ?? view.place.root
    let kinds = notices.compactMap { Notice.Kind(rawValue: $0.kind) }
    let ids = notices.map { "\(view.place.paths.key)-\($0.id)" }
    guard notices.count > 1 else {
      return Notice(
        ids: ids, kind: kinds.first ?? .needsYou, project: project,
        title: "\(project): \(notices.first?.title ?? "")", body: notices.first?.body ?? "",
        at: notices.first?.createdAt ?? now, link: notices.first.flatMap { links[$0.id] })
    }
    let lines = notices.map { line($0, links) }
    return Notice(
      ids: ids, kind: kinds.first ?? .needsYou, project: project,
      title: "\(project): \(notices.count) notices", body: lines.joined(separator: "\n"), at: notices[0].createdAt)
  }

  /// One of several in a message.
  private func line(_ notice: StoredNotice, _ links: [Int64: String]) -> String {
    "- \(notice.title)\(notice.body.isEmpty ? "" : ": \(notice.body)")"
      + (links[notice.id].map { "\n  Decide: \($0)" } ?? "")
  }

  /// As many of the first as fit into one message without losing a word or a link; the others go with the next.
  private func fitting(_ notices: [StoredNotice], _ links: [Int64: String], by channel: Channel) -> [StoredNotice] {
    guard var room = channel.bodyLimit else { return notices }
    let count = notices.prefix { notice in
      room -= line(notice, links).count + 1
      return room >= 0
    }.count
    return Array(notices.prefix(max(1, count)))
  }
}
