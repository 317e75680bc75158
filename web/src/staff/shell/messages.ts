import { bilingual } from "@/shared/locale";

export const SHELL = bilingual(
  {
    app: { title: "考场 · 考务", language: "English", logout: "退出登录", menu: "功能" },
    login: {
      title: "工作人员登录",
      username: "用户名",
      password: "密码",
      submit: "登录",
    },
    problem: {
      unreachable: "连接不上服务，请检查网络后重试。",
      expired: "登录已过期，请重新登录。",
    },
    home: { title: "首页", welcome: "{name}，您好", roles: "角色" },
    role: {
      admin: "系统管理员",
      author: "命题员",
      reviewer: "审题员",
      officer: "考务员",
      chief: "主考",
      proctor: "监考员",
      auditor: "审计员",
    },
    action: {
      save: "保存",
      cancel: "取消",
      confirm: "确定",
      close: "关闭",
      refresh: "刷新",
      more: "更多",
      back: "返回",
    },
  },
  {
    app: { title: "Kaochang · Desk", language: "中文", logout: "Log out", menu: "Menu" },
    login: {
      title: "Staff login",
      username: "User name",
      password: "Password",
      submit: "Log in",
    },
    problem: {
      unreachable: "The service cannot be reached. Check the network and try again.",
      expired: "Your login has expired. Log in again.",
    },
    home: { title: "Home", welcome: "Hello, {name}", roles: "Roles" },
    role: {
      admin: "Administrator",
      author: "Author",
      reviewer: "Reviewer",
      officer: "Exam officer",
      chief: "Chief proctor",
      proctor: "Proctor",
      auditor: "Auditor",
    },
    action: {
      save: "Save",
      cancel: "Cancel",
      confirm: "OK",
      close: "Close",
      refresh: "Refresh",
      more: "More",
      back: "Back",
    },
  },
);
