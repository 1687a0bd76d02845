CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL,
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0024');
CREATE TABLE app (
	id TEXT NOT NULL,
	name TEXT NOT NULL,
	display_name TEXT NOT NULL,
	upstream TEXT NOT NULL,
	created_at INTEGER NOT NULL, allowed_origins TEXT DEFAULT '[]' NOT NULL, proxy_id TEXT,
	CONSTRAINT pk_app PRIMARY KEY (id),
	CONSTRAINT uq_app_name UNIQUE (name)
)
 STRICT;
CREATE TABLE app_assignment (
	app_id TEXT NOT NULL,
	holder_kind TEXT NOT NULL,
	holder_id TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	CONSTRAINT pk_app_assignment PRIMARY KEY (app_id, holder_kind, holder_id)
)
 STRICT;
CREATE TABLE app_credential (
	id TEXT NOT NULL,
	app_id TEXT NOT NULL,
	name TEXT NOT NULL,
	secret_hash BLOB NOT NULL,
	restrictions TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	expires_at INTEGER NOT NULL,
	last_used_at INTEGER,
	revoked_at INTEGER, role_id TEXT,
	CONSTRAINT pk_app_credential PRIMARY KEY (id),
	CONSTRAINT uq_app_credential_secret_hash UNIQUE (secret_hash)
)
 STRICT;
CREATE TABLE app_session (
	secret_hash BLOB NOT NULL,
	session_id TEXT NOT NULL,
	app_id TEXT NOT NULL,
	started_at INTEGER NOT NULL,
	CONSTRAINT pk_app_session PRIMARY KEY (secret_hash)
)
 STRICT;
CREATE TABLE authentication_context (
	id TEXT NOT NULL,
	definition TEXT NOT NULL,
	CONSTRAINT pk_authentication_context PRIMARY KEY (id)
)
 STRICT;
CREATE TABLE authentication_strength (
	id TEXT NOT NULL,
	definition TEXT NOT NULL,
	CONSTRAINT pk_authentication_strength PRIMARY KEY (id)
)
 STRICT;
CREATE TABLE break_glass_account (
	number INTEGER NOT NULL,
	user_id TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	CONSTRAINT pk_break_glass_account PRIMARY KEY (number),
	CONSTRAINT uq_break_glass_account_user_id UNIQUE (user_id)
)
 STRICT;
CREATE TABLE break_glass_drill (
	id TEXT NOT NULL,
	started_at INTEGER NOT NULL,
	ends_at INTEGER NOT NULL,
	CONSTRAINT pk_break_glass_drill PRIMARY KEY (id)
)
 STRICT;
CREATE TABLE break_glass_use (
	id TEXT NOT NULL,
	user_id TEXT NOT NULL,
	session_id TEXT NOT NULL,
	purpose TEXT NOT NULL,
	at INTEGER NOT NULL,
	address TEXT NOT NULL,
	reviewed_at INTEGER,
	reviewed_by TEXT NOT NULL,
	finding TEXT NOT NULL,
	CONSTRAINT pk_break_glass_use PRIMARY KEY (id)
)
 STRICT;
CREATE TABLE change (
	sequence INTEGER NOT NULL,
	mark TEXT NOT NULL,
	at INTEGER NOT NULL,
	changes TEXT NOT NULL,
	CONSTRAINT pk_change PRIMARY KEY (sequence)
)
 STRICT;
CREATE TABLE checkpoint (
	size INTEGER NOT NULL,
	at INTEGER NOT NULL,
	note TEXT NOT NULL,
	CONSTRAINT pk_checkpoint PRIMARY KEY (size)
)
 STRICT;
CREATE TABLE cut_time (
	at INTEGER NOT NULL,
	microseconds INTEGER NOT NULL,
	count INTEGER NOT NULL,
	CONSTRAINT pk_cut_time PRIMARY KEY (at, microseconds)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE decision (
	id TEXT NOT NULL,
	short_code TEXT NOT NULL,
	batch INTEGER NOT NULL,
	position INTEGER NOT NULL,
	at INTEGER NOT NULL,
	outcome TEXT NOT NULL,
	user_id TEXT,
	app_id TEXT,
	session_id TEXT,
	snapshot_hash TEXT NOT NULL,
	record TEXT NOT NULL,
	salt BLOB NOT NULL,
	row_hash BLOB NOT NULL, reason TEXT DEFAULT '' NOT NULL, times INTEGER DEFAULT '1' NOT NULL,
	CONSTRAINT pk_decision PRIMARY KEY (id),
	CONSTRAINT uq_decision_batch_position UNIQUE (batch, position)
)
 STRICT;
CREATE TABLE decision_count (
	at INTEGER NOT NULL,
	outcome TEXT NOT NULL,
	reason TEXT NOT NULL,
	count INTEGER NOT NULL,
	CONSTRAINT pk_decision_count PRIMARY KEY (at, outcome, reason)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE deleted_users (
	id TEXT NOT NULL,
	deleted_at INTEGER NOT NULL,
	CONSTRAINT pk_deleted_users PRIMARY KEY (id)
)
 STRICT;
CREATE TABLE derivation_root (
	id TEXT NOT NULL,
	sealed_secret BLOB NOT NULL,
	created_at INTEGER NOT NULL,
	CONSTRAINT pk_derivation_root PRIMARY KEY (id)
)
 STRICT;
CREATE TABLE device_code (
	secret_hash BLOB NOT NULL,
	user_code_hash BLOB NOT NULL,
	source BLOB NOT NULL,
	client TEXT NOT NULL,
	address TEXT NOT NULL,
	port INTEGER NOT NULL,
	user_agent TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	expires_at INTEGER NOT NULL,
	polled_at INTEGER,
	interval_seconds INTEGER NOT NULL,
	answer TEXT,
	session_id TEXT,
	CONSTRAINT pk_device_code PRIMARY KEY (secret_hash),
	CONSTRAINT uq_device_code_user_code_hash UNIQUE (user_code_hash)
)
 STRICT;
CREATE TABLE enrolment_passes (
	id TEXT NOT NULL,
	user_id TEXT NOT NULL,
	purpose TEXT NOT NULL,
	digest BLOB NOT NULL,
	created_at INTEGER NOT NULL,
	expires_at INTEGER NOT NULL,
	created_by TEXT,
	used_at INTEGER,
	CONSTRAINT pk_enrolment_passes PRIMARY KEY (id),
	CONSTRAINT uq_enrolment_passes_digest UNIQUE (digest),
	CONSTRAINT fk_enrolment_passes_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
)
 STRICT;
CREATE TABLE event (
	leaf_index INTEGER NOT NULL,
	id TEXT NOT NULL,
	at INTEGER NOT NULL,
	code TEXT NOT NULL,
	type_uid INTEGER NOT NULL,
	severity_id INTEGER NOT NULL,
	status_id INTEGER NOT NULL,
	actor_id TEXT,
	user_id TEXT,
	app_id TEXT,
	session_id TEXT,
	payload TEXT,
	salt BLOB,
	leaf_hash BLOB NOT NULL,
	CONSTRAINT pk_event PRIMARY KEY (leaf_index),
	CONSTRAINT uq_event_id UNIQUE (id)
)
 STRICT;
CREATE TABLE group_members (
	group_id TEXT NOT NULL,
	user_id TEXT NOT NULL,
	CONSTRAINT pk_group_members PRIMARY KEY (group_id, user_id),
	CONSTRAINT fk_group_members_group_id_user_groups FOREIGN KEY(group_id) REFERENCES user_groups (id) ON DELETE CASCADE,
	CONSTRAINT fk_group_members_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
)
 STRICT;
CREATE TABLE group_nestings (
	parent_id TEXT NOT NULL,
	child_id TEXT NOT NULL,
	CONSTRAINT pk_group_nestings PRIMARY KEY (parent_id, child_id),
	CONSTRAINT fk_group_nestings_parent_id_user_groups FOREIGN KEY(parent_id) REFERENCES user_groups (id) ON DELETE CASCADE,
	CONSTRAINT fk_group_nestings_child_id_user_groups FOREIGN KEY(child_id) REFERENCES user_groups (id) ON DELETE CASCADE
)
 STRICT;
CREATE TABLE guess_counters (
	"key" BLOB NOT NULL,
	failures INTEGER NOT NULL,
	since INTEGER NOT NULL,
	blocked_until INTEGER NOT NULL,
	forget_at INTEGER NOT NULL,
	told_at INTEGER,
	CONSTRAINT pk_guess_counters PRIMARY KEY ("key")
)
 STRICT;
CREATE TABLE known_devices (
	secret_hash BLOB NOT NULL,
	user_id TEXT NOT NULL,
	made_at INTEGER NOT NULL,
	expires_at INTEGER NOT NULL, id TEXT DEFAULT '' NOT NULL, user_agent TEXT DEFAULT '' NOT NULL, first_used_at INTEGER, last_used_at INTEGER,
	CONSTRAINT pk_known_devices PRIMARY KEY (secret_hash, user_id),
	CONSTRAINT fk_known_devices_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
)
 STRICT;
CREATE TABLE message (
	id TEXT NOT NULL,
	number INTEGER NOT NULL,
	user_id TEXT,
	name TEXT NOT NULL,
	recipient TEXT NOT NULL,
	language TEXT NOT NULL,
	notice TEXT NOT NULL,
	parameters TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	due_at INTEGER NOT NULL,
	attempts INTEGER NOT NULL,
	error TEXT NOT NULL,
	given_up_at INTEGER,
	lease TEXT,
	leased_until INTEGER,
	CONSTRAINT pk_message PRIMARY KEY (id),
	CONSTRAINT uq_message_number UNIQUE (number)
)
 STRICT;
CREATE TABLE method_reset_approvals (
	reset_id TEXT NOT NULL,
	party TEXT NOT NULL,
	name TEXT NOT NULL,
	at INTEGER NOT NULL,
	override TEXT NOT NULL,
	CONSTRAINT pk_method_reset_approvals PRIMARY KEY (reset_id, party),
	CONSTRAINT fk_method_reset_approvals_reset_id_method_resets FOREIGN KEY(reset_id) REFERENCES method_resets (id) ON DELETE CASCADE
)
 STRICT;
CREATE TABLE method_resets (
	id TEXT NOT NULL,
	user_id TEXT NOT NULL,
	reason TEXT NOT NULL,
	required TEXT NOT NULL,
	requested_by TEXT NOT NULL,
	requested_by_name TEXT NOT NULL,
	requested_at INTEGER NOT NULL,
	waits_until INTEGER NOT NULL,
	expires_at INTEGER NOT NULL,
	pass_id TEXT,
	session_id TEXT,
	held_before TEXT NOT NULL,
	ended_at INTEGER,
	end_kind TEXT,
	ended_by TEXT NOT NULL,
	seen_at INTEGER,
	CONSTRAINT pk_method_resets PRIMARY KEY (id),
	CONSTRAINT fk_method_resets_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
)
 STRICT;
CREATE TABLE named_location (
	id TEXT NOT NULL,
	display_name TEXT NOT NULL,
	definition TEXT NOT NULL,
	CONSTRAINT pk_named_location PRIMARY KEY (id)
)
 STRICT;
CREATE TABLE node (
	name TEXT NOT NULL,
	instance TEXT NOT NULL,
	version TEXT NOT NULL,
	started_at INTEGER NOT NULL,
	beat_at INTEGER NOT NULL,
	sequence INTEGER NOT NULL,
	skew_milliseconds INTEGER NOT NULL,
	in_rotation INTEGER NOT NULL,
	says TEXT NOT NULL, seals_with TEXT DEFAULT '' NOT NULL, schema TEXT DEFAULT '' NOT NULL,
	CONSTRAINT pk_node PRIMARY KEY (name)
)
 STRICT;
CREATE TABLE own_offer (
	user_id TEXT NOT NULL,
	offer TEXT NOT NULL,
	made_at INTEGER,
	quiet_until INTEGER,
	CONSTRAINT pk_own_offer PRIMARY KEY (user_id, offer),
	CONSTRAINT fk_own_offer_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
)
 STRICT;
CREATE TABLE passkey_challenges (
	value BLOB NOT NULL,
	purpose TEXT NOT NULL,
	user_id TEXT,
	expires_at INTEGER NOT NULL,
	CONSTRAINT pk_passkey_challenges PRIMARY KEY (value),
	CONSTRAINT fk_passkey_challenges_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
)
 STRICT;
CREATE TABLE passkeys (
	id TEXT NOT NULL,
	user_id TEXT NOT NULL,
	credential_id BLOB NOT NULL,
	public_key BLOB NOT NULL,
	sign_count INTEGER NOT NULL,
	name TEXT NOT NULL,
	aaguid TEXT NOT NULL,
	backup_eligible INTEGER NOT NULL,
	backed_up INTEGER NOT NULL,
	transports TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	last_used_at INTEGER,
	CONSTRAINT pk_passkeys PRIMARY KEY (id),
	CONSTRAINT uq_passkeys_credential_id UNIQUE (credential_id),
	CONSTRAINT fk_passkeys_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
)
 STRICT;
CREATE TABLE passwords (
	user_id TEXT NOT NULL,
	hash TEXT NOT NULL,
	changed_at INTEGER NOT NULL,
	CONSTRAINT pk_passwords PRIMARY KEY (user_id),
	CONSTRAINT fk_passwords_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
)
 STRICT;
CREATE TABLE policy (
	id TEXT NOT NULL,
	display_name TEXT NOT NULL,
	version INTEGER NOT NULL,
	definition TEXT NOT NULL,
	modified_at INTEGER NOT NULL,
	CONSTRAINT pk_policy PRIMARY KEY (id)
)
 STRICT;
CREATE TABLE policy_rollout (
	id TEXT NOT NULL,
	policy_id TEXT NOT NULL,
	step INTEGER NOT NULL,
	confirm_by INTEGER,
	definition TEXT NOT NULL,
	CONSTRAINT pk_policy_rollout PRIMARY KEY (id),
	CONSTRAINT uq_policy_rollout_policy_id UNIQUE (policy_id)
)
 STRICT;
CREATE TABLE policy_set (
	hash TEXT NOT NULL,
	content TEXT NOT NULL,
	CONSTRAINT pk_policy_set PRIMARY KEY (hash)
)
 STRICT;
CREATE TABLE policy_version (
	id TEXT NOT NULL,
	version INTEGER NOT NULL,
	definition TEXT,
	at INTEGER NOT NULL,
	CONSTRAINT pk_policy_version PRIMARY KEY (id, version)
)
 STRICT;
CREATE TABLE projection (
	name TEXT NOT NULL,
	leaf_index INTEGER NOT NULL,
	CONSTRAINT pk_projection PRIMARY KEY (name)
)
 STRICT;
CREATE TABLE proxy (
	id TEXT NOT NULL,
	name TEXT NOT NULL,
	kind TEXT NOT NULL,
	secret_hash BLOB NOT NULL,
	created_at INTEGER NOT NULL,
	rotated_at INTEGER,
	CONSTRAINT pk_proxy PRIMARY KEY (id),
	CONSTRAINT uq_proxy_name UNIQUE (name),
	CONSTRAINT uq_proxy_secret_hash UNIQUE (secret_hash)
)
 STRICT;
CREATE TABLE public_path (
	id TEXT NOT NULL,
	app_id TEXT NOT NULL,
	name TEXT NOT NULL,
	version INTEGER NOT NULL,
	definition TEXT NOT NULL,
	CONSTRAINT pk_public_path PRIMARY KEY (id),
	CONSTRAINT uq_public_path_app_id_name UNIQUE (app_id, name)
)
 STRICT;
CREATE TABLE public_path_version (
	id TEXT NOT NULL,
	version INTEGER NOT NULL,
	definition TEXT,
	at INTEGER NOT NULL,
	CONSTRAINT pk_public_path_version PRIMARY KEY (id, version)
)
 STRICT;
CREATE TABLE recovery_codes (
	user_id TEXT NOT NULL,
	digest BLOB NOT NULL,
	created_at INTEGER NOT NULL,
	used_at INTEGER,
	CONSTRAINT pk_recovery_codes PRIMARY KEY (user_id, digest),
	CONSTRAINT fk_recovery_codes_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
)
 STRICT;
CREATE TABLE repeated_events (
	"key" BLOB NOT NULL,
	code TEXT NOT NULL,
	user_id TEXT,
	address TEXT NOT NULL,
	reason TEXT NOT NULL,
	since INTEGER NOT NULL,
	ends_at INTEGER NOT NULL,
	more INTEGER NOT NULL,
	CONSTRAINT pk_repeated_events PRIMARY KEY ("key")
)
 STRICT;
CREATE TABLE role_assignment (
	role_id TEXT NOT NULL,
	holder_kind TEXT NOT NULL,
	holder_id TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	CONSTRAINT pk_role_assignment PRIMARY KEY (role_id, holder_kind, holder_id)
)
 STRICT;
CREATE TABLE schema_floor (
	oldest TEXT NOT NULL,
	CONSTRAINT pk_schema_floor PRIMARY KEY (oldest)
)
 STRICT;
INSERT INTO "schema_floor" VALUES('0023');
CREATE TABLE session (
	id TEXT NOT NULL,
	user_id TEXT NOT NULL,
	secret_hash BLOB NOT NULL,
	started_at INTEGER NOT NULL,
	last_seen_at INTEGER NOT NULL,
	ends_at INTEGER NOT NULL,
	idle_seconds INTEGER NOT NULL,
	proofs TEXT NOT NULL,
	address TEXT NOT NULL,
	user_agent TEXT NOT NULL,
	ended_at INTEGER,
	end_reason TEXT, kind TEXT DEFAULT 'browser' NOT NULL,
	CONSTRAINT pk_session PRIMARY KEY (id),
	CONSTRAINT uq_session_secret_hash UNIQUE (secret_hash)
)
 STRICT;
CREATE TABLE shared_authority (
	base_domain TEXT NOT NULL,
	version INTEGER NOT NULL,
	files BLOB NOT NULL,
	CONSTRAINT pk_shared_authority PRIMARY KEY (base_domain)
)
 STRICT;
CREATE TABLE sign_in (
	at INTEGER NOT NULL,
	leaf_index INTEGER NOT NULL,
	error_code INTEGER NOT NULL,
	outcome TEXT NOT NULL,
	conditional_access TEXT NOT NULL,
	requirement TEXT NOT NULL,
	strength TEXT NOT NULL,
	client_app TEXT NOT NULL,
	system TEXT NOT NULL,
	browser TEXT NOT NULL,
	address TEXT NOT NULL,
	user_key TEXT NOT NULL,
	app_key TEXT NOT NULL,
	reason TEXT NOT NULL,
	user_id TEXT NOT NULL,
	app_id TEXT NOT NULL,
	session_id TEXT NOT NULL,
	decision_id TEXT NOT NULL,
	id TEXT NOT NULL,
	methods TEXT NOT NULL,
	CONSTRAINT pk_sign_in PRIMARY KEY (at, leaf_index),
	CONSTRAINT uq_sign_in_leaf_index UNIQUE (leaf_index),
	CONSTRAINT uq_sign_in_id UNIQUE (id)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE signing_key (
	kid TEXT NOT NULL,
	purpose TEXT NOT NULL,
	algorithm TEXT NOT NULL,
	public_jwk TEXT NOT NULL,
	sealed_private BLOB NOT NULL,
	sealed_with TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	retired_at INTEGER, signs_from INTEGER,
	CONSTRAINT pk_signing_key PRIMARY KEY (kid)
)
 STRICT;
CREATE TABLE snapshot (
	hash TEXT NOT NULL,
	content TEXT NOT NULL,
	CONSTRAINT pk_snapshot PRIMARY KEY (hash)
)
 STRICT;
CREATE TABLE ticket (
	secret_hash BLOB NOT NULL,
	session_id TEXT NOT NULL,
	app_id TEXT NOT NULL,
	path TEXT NOT NULL,
	state_hash BLOB NOT NULL,
	expires_at INTEGER NOT NULL,
	used_at INTEGER,
	CONSTRAINT pk_ticket PRIMARY KEY (secret_hash)
)
 STRICT;
CREATE TABLE totps (
	user_id TEXT NOT NULL,
	confirmed INTEGER NOT NULL,
	sealed_secret BLOB NOT NULL,
	last_counter INTEGER NOT NULL,
	created_at INTEGER NOT NULL,
	confirmed_at INTEGER,
	CONSTRAINT pk_totps PRIMARY KEY (user_id, confirmed),
	CONSTRAINT fk_totps_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
)
 STRICT;
CREATE TABLE tree (
	id INTEGER NOT NULL,
	size INTEGER NOT NULL,
	frontier BLOB NOT NULL,
	CONSTRAINT pk_tree PRIMARY KEY (id)
)
 STRICT;
INSERT INTO "tree" VALUES(1,0,X'');
CREATE TABLE user_groups (
	id TEXT NOT NULL,
	name_key TEXT NOT NULL,
	name TEXT NOT NULL,
	description TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	CONSTRAINT pk_user_groups PRIMARY KEY (id),
	CONSTRAINT uq_user_groups_name_key UNIQUE (name_key)
)
 STRICT;
CREATE TABLE users (
	id TEXT NOT NULL,
	user_key TEXT NOT NULL,
	user_name TEXT NOT NULL,
	display_name TEXT NOT NULL,
	kind TEXT NOT NULL,
	enabled INTEGER NOT NULL,
	created_at INTEGER NOT NULL,
	email TEXT NOT NULL,
	language TEXT NOT NULL,
	search_text TEXT NOT NULL, skeleton TEXT,
	CONSTRAINT pk_users PRIMARY KEY (id),
	CONSTRAINT uq_users_user_key UNIQUE (user_key)
)
 STRICT;
CREATE INDEX ix_event_at ON event (at);
CREATE INDEX ix_event_code_leaf_index ON event (code, leaf_index);
CREATE INDEX ix_event_actor_id_leaf_index ON event (actor_id, leaf_index);
CREATE INDEX ix_event_user_id_leaf_index ON event (user_id, leaf_index);
CREATE INDEX ix_event_app_id_leaf_index ON event (app_id, leaf_index);
CREATE INDEX ix_decision_short_code ON decision (short_code);
CREATE INDEX ix_decision_at ON decision (at);
CREATE INDEX ix_decision_user_id_at ON decision (user_id, at);
CREATE INDEX ix_decision_app_id_at ON decision (app_id, at);
CREATE INDEX ix_decision_snapshot_hash ON decision (snapshot_hash);
CREATE INDEX ix_group_members_user_id ON group_members (user_id);
CREATE INDEX ix_group_nestings_child_id ON group_nestings (child_id);
CREATE INDEX ix_passkeys_user_id ON passkeys (user_id);
CREATE INDEX ix_passkey_challenges_user_id ON passkey_challenges (user_id);
CREATE INDEX ix_passkey_challenges_expires_at ON passkey_challenges (expires_at);
CREATE INDEX ix_enrolment_passes_user_id ON enrolment_passes (user_id);
CREATE INDEX ix_session_user_id ON session (user_id);
CREATE INDEX ix_session_ends_at ON session (ends_at);
CREATE INDEX ix_app_session_session_id ON app_session (session_id);
CREATE INDEX ix_ticket_expires_at ON ticket (expires_at);
CREATE INDEX ix_guess_counters_forget_at ON guess_counters (forget_at);
CREATE INDEX ix_known_devices_user_id ON known_devices (user_id);
CREATE INDEX ix_known_devices_expires_at ON known_devices (expires_at);
CREATE INDEX ix_repeated_events_ends_at ON repeated_events (ends_at);
CREATE INDEX ix_users_skeleton ON users (skeleton);
CREATE INDEX ix_message_recipient_number ON message (recipient, number);
CREATE INDEX ix_message_due_at ON message (due_at);
CREATE INDEX ix_app_credential_app_id ON app_credential (app_id);
CREATE INDEX ix_method_resets_user_id ON method_resets (user_id);
CREATE INDEX ix_method_resets_session_id ON method_resets (session_id);
CREATE INDEX ix_break_glass_use_at ON break_glass_use (at);
CREATE INDEX ix_sign_in_error_code ON sign_in (error_code, at, leaf_index);
CREATE INDEX ix_sign_in_outcome ON sign_in (outcome, at, leaf_index);
CREATE INDEX ix_sign_in_strength ON sign_in (strength, at, leaf_index);
CREATE INDEX ix_sign_in_address ON sign_in (address, at, leaf_index);
CREATE INDEX ix_sign_in_user_key ON sign_in (user_key, at, leaf_index);
CREATE INDEX ix_sign_in_app_key ON sign_in (app_key, at, leaf_index);
CREATE INDEX ix_sign_in_reason ON sign_in (reason, at, leaf_index);
CREATE INDEX ix_sign_in_user_id ON sign_in (user_id, at, leaf_index);
CREATE INDEX ix_sign_in_app_id ON sign_in (app_id, at, leaf_index);
CREATE INDEX ix_sign_in_session_id ON sign_in (session_id, at, leaf_index);
CREATE INDEX ix_event_changes ON event (at, leaf_index) WHERE type_uid BETWEEN 300100 AND 300199 OR type_uid BETWEEN 300400 AND 300699;
CREATE INDEX ix_decision_outcome_at ON decision (outcome, at);
CREATE INDEX ix_decision_reason_at ON decision (reason, at);
CREATE INDEX ix_decision_session_id_at ON decision (session_id, at);
CREATE INDEX ix_device_code_expires_at ON device_code (expires_at);
CREATE INDEX ix_device_code_source_expires_at ON device_code (source, expires_at);
CREATE INDEX ix_users_display_name_user_key ON users (display_name, user_key);
CREATE INDEX ix_users_created_at_user_key ON users (created_at, user_key);
CREATE INDEX ix_users_email_user_key ON users (email, user_key);
CREATE INDEX ix_users_enabled_user_key ON users (enabled, user_key);
CREATE INDEX ix_users_kind_user_key ON users (kind, user_key);
CREATE INDEX ix_session_open_started_at ON session (started_at, id) WHERE ended_at IS NULL;
CREATE INDEX ix_session_open_last_seen_at ON session (last_seen_at, id) WHERE ended_at IS NULL;
CREATE INDEX ix_session_open_expires_at ON session ((CASE WHEN (ends_at < last_seen_at + idle_seconds * 1000000) THEN ends_at ELSE last_seen_at + idle_seconds * 1000000 END), id) WHERE ended_at IS NULL;
