// Diffs of Benchmarks/router-corpus/facts.tsv, made again by hand: the same structure, none of the words.
extension CorpusDiff {
  static let security: [CorpusDiff] = [
    .init(
      "933e1db78d", "security", ".github/workflows/types.yml",
      [
        " run: |", "-  pip install mypy stubs", "+  pip install mypy git+https://example.org/stubs.git@c0ffee",
      ]),
    .init(
      "586e99a074", "security", "config/initializers/rack_attack.rb",
      [
        " Rack::Attack.throttle('bots', limit: 1, period: 7.days) do |request|",
        "-  request.ip if agent.include?('one.example')",
        "+  request.ip if agent.include?('one.example') || agent.include?('two.example') # throttle",
      ], isHard: true),
    .init(
      "a7461cf0ae", "security", ".github/workflows/release.yml",
      [
        " - uses: some/setup@v4", "-  with:", "-    version: 10",
      ]),
    .init(
      "fdb6f494fe", "security", "app/views/items/show.html.erb",
      [
        "-<% @merged.reject(&:gone?).each do |item| %>",
        "+<% @merged.select { it.visible_to?(@user) }.each do |item| %>",
      ], isHard: true),
    .init("f539479349", "security", "hosting/Caddyfile", [" @bots {", "+  header User-Agent \"Nasty/1.0\""]),
    .init("d0b795a87b", "security", ".github/workflows/build.yml", [" matrix:", "-  - 24", "-  - 26"]),
    .init(
      "5bfdd3a652", "security", ".github/workflows/ci.yml",
      [
        " uses: actions/checkout@v1", "-with:", "-  fetch-depth: 1",
      ]),
    .init(
      "d84a97acef", "security", "shop/accounts/views.py",
      [
        "+@hide_post_parameters('password')", " def sign_in(request):",
      ]),
    .init("68d591c677", "security", "shop/api/views.py", ["+@csrf_exempt", " def bounced(request, code):"]),
    .init(
      "d29cd29f55", "security", "src/api/groups.rs",
      [
        "+    if member.kind == Kind::Manager && !member.access_all {",
        "+        fail!(\"no permission to create groups\")", "+    }", "     let group = Group::new(id);",
      ], isHard: true),
    .init(
      "fd2b6528a9", "security", "src/api/identity.rs",
      [
        "+#[post(\"/accounts/prelogin/second\", data = \"<data>\")]",
        "+async fn prelogin_second(data: Json<Prelogin>) -> Json<Value> {", "+    begin_login(data).await", "+}",
      ]),
    .init(
      "0718a090e1", "security", "src/api/admin.rs",
      [
        " fn check(token: &str) -> bool {", "-    Some(t) => crypto::equal(t, token),",
        "+    Some(t) => crypto::equal(t.trim(), token.trim()),",
      ]),
    .init(
      "8da472c231", "security", "app/controllers/profile_controller.rb",
      [
        "-    if @user.authenticate(params[:user][:password])",
        "+    if @user.authenticate(params[:user][:confirm_password])",
      ]),
    .init("de6515139e", "security", ".github/workflows/publish.yml", ["-  tags: a/b", "+  tags: ghcr.io/a/b"]),
    .init(
      "bde1949e8f", "security", "pages/api/account/secret.js",
      [
        "-  const { user_id, is_admin } = req.auth;", "+  const { user_id: own_id, is_admin } = req.auth;",
        "-  if (is_admin) {", "+  if (!is_admin || user_id !== own_id) {", "     return unauthorized(res);",
      ]),
    .init(
      "c6b9682296", "security", "sql/first.mysql.sql",
      [
        "-insert into account (name, password) values ('admin', 'old')",
        "+insert into account (name, password) values ('admin', 'new')",
      ], isHard: true),
    .init(
      "e0004718e5", "security", "resources/views/page.blade.php",
      [
        " <meta charset=\"utf-8\">", "-<meta name=\"csrf-token\" content=\"{{ csrf_token() }}\">",
      ]),
    .init(
      "fe2e379a34", "security", "app/Services/ProxyAuthenticator.php",
      [
        "-        return Addresses::check($request->ip(), config('proxy_auth.allowed'));",
        "+        return Addresses::check($request->server->get('REMOTE_ADDR'), config('proxy_auth.allowed'));",
      ]),
    .init(
      "008d6a0c81", "security", "web/src/components/ProviderDialog.tsx",
      [
        "+  {", "+    name: 'Forge',", "+    type: 'OAUTH2',", "+    authUrl: 'https://forge.example/oauth/authorize',",
        "+  },",
      ]),
    .init(
      "8945a97a42", "security", "kit/helpers.py",
      [
        "     name = posixpath.normpath(name)", "-    if name.startswith('../'):",
        "+    if name.startswith(('/', '../')):",
      ]),
    .init(
      "2d6af28e64", "security", "lib/guard/base.rb",
      [
        "       def drop_session(env)", "-        session(env).clear if session? env",
        "+        session(env).clear unless ENV['SILENCE_DROP_SESSION']",
        "+        warn env, 'session dropped'",
      ]),
    .init(
      "4ba9531372", "security", "src/Problem.php",
      [
        "-        return '<b>' . htmlspecialchars($this->text()) . '</b>';",
        "+        return '<b>' . htmlspecialchars($this->text(), ENT_QUOTES) . '</b>';",
      ], isHard: true),
    .init(
      "672f95fcf8", "security", "shop/api/models.py",
      [
        "-    def make_token(self, legacy=False):", "+    def make_token(self):", "-        if legacy:",
        "-            return hashlib.sha1(seed).hexdigest()", "         return hashlib.sha256(seed).hexdigest()",
      ]),
    .init(
      "03465b14f6", "security", "lib/web/base.rb",
      [
        "+        options[:reaction] ||= :drop_session", "         builder.use Rack::Protection, options",
      ]),
    .init(
      "850cab6fa6", "security", "docker/Dockerfile",
      ["-FROM python:3.13.0-slim AS builder", "+FROM python:3.13.1-slim AS builder"]),
    .init("cd4cc1f2d9", "security", "docker/Dockerfile", ["-FROM python:3.9-slim", "+FROM python:3.9-slim-buster"]),
    .init(
      "8746d36845", "security", "docker/Dockerfile.j2",
      [
        "-RUN apk add -X http://mirror.example/edge/testing init",
        "+RUN apk add -X http://mirror.example/edge/community init",
      ]),
    .init(
      "0e53f58288", "security", "docker/Dockerfile.alpine",
      ["-FROM image@sha256:a as web", "+FROM image@sha256:b AS web"]),
    .init("cfa220c095", "security", "Dockerfile", ["-FROM node:12.18", "+FROM node:12.22"]),
    .init("d9f3c385fb", "security", "Dockerfile", ["-RUN npm install && npm run client", "+RUN npm install"]),
    .init(
      "87f5ac8b71", "security", "docker-compose.yaml", ["+services:", "+  app:", "+    volumes: ['~/.x:/var/x']"],
      isNew: true),
    .init("ef8981794e", "security", "Dockerfile", ["-RUN yarn install --no-lockfile", "+RUN yarn"]),
    .init("75b7c9ac36", "security", "Dockerfile.arm", ["-RUN bash -c \"source x && y\"", "+RUN dotnet publish X"]),
    .init("a2127a48ef", "security", "Dockerfile", ["-VOLUME /cache /media", "+VOLUME /cache"]),
    .init("a04fe1aa7e", "security", "Dockerfile", ["-FROM golang:1.12-alpine3.9", "+FROM golang:1.12-alpine3.10"]),
    .init("ca9cc692e4", "security", "Dockerfile", ["-FROM golang:1.12", "+FROM golang:1.13"]),
  ]

  static let migrations: [CorpusDiff] = [
    .init(
      "0bd8f607cb", "migrations", "migrations/pg/2024-01-01_kind/up.sql",
      [
        "-ALTER TABLE `pending` ADD COLUMN `kind` INTEGER;", "+ALTER TABLE pending ADD COLUMN kind INTEGER;",
      ]),
    .init(
      "781056152a", "migrations", "migrations/2018-01-01_history/up.sql",
      ["+ALTER TABLE items", "+  ADD COLUMN history TEXT;"], isNew: true),
    .init(
      "9d5097ee70", "migrations", "db/migrate/20200101_limit_tags.rb",
      ["+    add_column :tags, :for_new_users, :boolean"], isNew: true),
    .init(
      "4d284bd9e3", "migrations", "db/migrate/20250101_longer.rb",
      ["+    change_column :actions, :text, :text, size: :long"], isNew: true),
    .init(
      "907a6850db", "migrations", "scripts/data-migrations/convert.sql",
      ["-WHERE 1 = 1;", "+WHERE query IS NOT NULL;"], isHard: true),
    .init(
      "37653aa5b5", "migrations", "db/mysql/migrations/2022_init/migration.sql", [],
      from: "db/mysql/migrations/2021_init/migration.sql"),
    .init(
      "6f9a057879", "migrations", "database/migrations/2017_rename.php",
      ["+            $table->dropForeign(['artist']);"]),
    .init(
      "ed92eb2fde", "migrations", "database/migrations/2021_longer.php",
      ["+            $table->string('name', 65000)->change();"], isNew: true),
    .init(
      "3ecbbf31a9", "migrations", "store/mysql/migration/0.22/00__kind.sql", ["+UPDATE `thing` SET `payload` = '{}';"]),
    .init("2df7267a48", "migrations", "src/main/resources/db/initDB.sql", [], from: "src/main/resources/db/initDB.txt"),
  ]
}
