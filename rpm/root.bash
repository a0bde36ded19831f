# shellcheck shell=bash
# For scripts that look at packages in a root of their own, in a mount namespace of their own: the node lab's tree with a layer in memory over
# it. Nothing stays, and nothing on this machine changes.

# shellcheck disable=SC2034
failed=0

ok()
{
    local what=$1 said
    shift
    if said=$("$@" 2>&1 </dev/null); then
        echo "ok      $what"
    else
        echo "FAILED  $what"
        printf '%s\n' "$said" | sed 's/^/        /'
        # shellcheck disable=SC2034
        failed=1
    fi
}

# $scratch is a folder in memory, $root the root in it, and $scratch/repo is /repo in there.
prepare()
{
    local base
    base=$(/usr/bin/python3 -B -c 'import sys; sys.path.insert(0, "tests/lab")
from nodelab.rootfs import ensure_base
print(ensure_base("bookworm", lambda text: print(text, file=sys.stderr)))') || return
    scratch=$(mktemp -d)
    mount -t tmpfs tmpfs "$scratch" || return
    root=$scratch/root
    mkdir "$scratch"/{upper,work,root,repo}
    mount -t overlay overlay -o "lowerdir=$base,upperdir=$scratch/upper,workdir=$scratch/work" "$root" || return
    mount -t proc proc "$root/proc"
    mount -t tmpfs tmpfs "$root/run"
    mount --rbind /dev "$root/dev"
    mkdir "$root/repo"
    mount --bind "$scratch/repo" "$root/repo"
}
