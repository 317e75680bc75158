import type { Schemas } from "@/api/client";

export type Role = Schemas["Role"];
export const ROLES: Role[] = ["admin", "author", "reviewer", "officer", "chief", "proctor", "auditor"];

/** An account while it is filled in. */
export interface Form {
  username: string;
  name: string;
  roles: Role[];
  password: string;
  active: boolean;
}

export function formOf(account: Schemas["StaffRead"] | null): Form {
  if (account === null) return { username: "", name: "", roles: [], password: "", active: true };
  return { ...account, roles: [...account.roles], password: "" };
}

/** What an edit sends: the members that differ, and a password if one is given. */
export function changesOf(account: Schemas["StaffRead"], form: Form): Partial<Schemas["StaffUpdate"]> {
  return {
    ...(form.name.trim() !== account.name && { name: form.name.trim() }),
    ...([...form.roles].sort().join() !== [...account.roles].sort().join() && { roles: form.roles }),
    ...(form.active !== account.active && { active: form.active }),
    ...(form.password !== "" && { password: form.password }),
  };
}

export function fits(account: Schemas["StaffRead"], sought: string, role: Role | ""): boolean {
  const wanted = sought.trim().toLowerCase();
  const named = account.username.toLowerCase().includes(wanted) || account.name.toLowerCase().includes(wanted);
  return named && (role === "" || account.roles.includes(role));
}
