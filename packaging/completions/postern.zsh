#compdef postern
# What may come next is asked of the program itself.
_postern() {
	local -a found=("${(@f)$("${words[1]}" complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
	found=("${(@)found/$'\t'/:}")
	if [[ -n "${found[1]}" ]]; then _describe 'postern' found; else _files; fi
}
_postern "$@"
