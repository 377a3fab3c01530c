//! The command lines that a guest is sent: constants, as a shell reads them.

/// What is started in a guest to speak with its agent.
///
/// The shell of the user may be any; what it is given is one word for `sh`.
pub const AGENT_COMMAND: &str = r#"exec sh -c 'PATH="$HOME/.bioxen/bin:$PATH"; export PATH; exec bioxen_hypervisor serve --stdio'"#;

/// Prints the SHA-256 of the agent, or nothing if there is none.
pub(super) const AGENT_SUM: &str = r#"exec sh -c 'file="$HOME/.bioxen/bin/bioxen_hypervisor"; test -f "$file" || exit 0; sha256sum < "$file"'"#;

/// Puts the agent in its place, if what comes after the first line of standard input has the SHA-256 that the line says.
///
/// A transfer that was cut short looks like its end: without the comparison, half an agent would take the place of a whole one.
pub(super) const AGENT_PUT: &str = r#"exec sh -c 'umask 077; IFS= read -r want || exit 1; folder="$HOME/.bioxen/bin"; new="$folder/.incoming.$$"; mkdir -p "$folder" || exit 1; trap "rm -f \"\$new\"" EXIT; trap "exit 1" HUP INT TERM; cat > "$new" || exit 1; got="$(sha256sum < "$new")" || exit 1; test "${got%% *}" = "$want" || { echo "what arrived is not what was sent" >&2; exit 1; }; chmod 700 "$new" && mv -f "$new" "$folder/bioxen_hypervisor"'"#;
